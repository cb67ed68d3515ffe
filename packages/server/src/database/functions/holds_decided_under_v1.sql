-- The holds that a person has decided together under an idempotency key: each of those decisions is kept under "<key> <hold>".
create or replace function holdpoint.holds_decided_under_v1(credential_hash text, key text) returns json
language plpgsql volatile set search_path = '' as $$
declare
  who constant holdpoint.principal := holdpoint.identify_v1(credential_hash);
begin
  if who.member_id is null then return '[]'::json; end if;
  perform pg_catalog.set_config('hp.org_id', who.org_id, true);
  -- No key holds a space, so what begins so is under this one; "!" comes right after it.
  return (select coalesce(json_agg(d.hold_id order by d.hold_id), '[]'::json) from holdpoint.decisions d
    where d.org_id = who.org_id and d.by_id = who.member_id
      and d.idempotency_key >= key || ' ' and d.idempotency_key < key || '!' and d.idempotency_key = key || ' ' || d.hold_id);
end $$;
revoke all on function holdpoint.holds_decided_under_v1(text, text) from public;
grant execute on function holdpoint.holds_decided_under_v1(text, text) to hp_app;
