-- The id of the hold that was made with an idempotency key, for any credential that may read it; null where there is none.
create or replace function holdpoint.find_hold_by_key_v1(credential_hash text, key text) returns text
language plpgsql volatile set search_path = '' as $$
declare
  who constant holdpoint.principal := holdpoint.identify_v1(credential_hash);
begin
  if who.org_id is null then return null; end if;
  perform pg_catalog.set_config('hp.org_id', who.org_id, true);
  return (select h.id from holdpoint.holds h where h.org_id = who.org_id and h.idempotency_key = key
    and (who.kind <> 'agent' or who.agent_id is null or h.agent_id is not distinct from who.agent_id));
end $$;
revoke all on function holdpoint.find_hold_by_key_v1(text, text) from public;
grant execute on function holdpoint.find_hold_by_key_v1(text, text) to hp_app;
