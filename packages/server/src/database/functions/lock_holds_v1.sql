-- The first step of deciding several holds in one transaction: the order of locks that settle_hold_v1 asks for. decide_v1 or
-- lock_for_decision_v1 of each of them come after it, and find out who may.
-- command: {credentialHash, holdIds}
-- Answers {code: "ok"} or {code: "unauthorized"}; what there is not is left to the function that decides.
create or replace function holdpoint.lock_holds_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  who constant holdpoint.principal := holdpoint.identify_v1(command ->> 'credentialHash');
begin
  if who.org_id is null then return json_build_object('code', 'unauthorized'); end if;
  perform pg_catalog.set_config('hp.org_id', who.org_id, true);
  perform from holdpoint.holds h where h.org_id = who.org_id
    and h.id in (select json_array_elements_text(command -> 'holdIds')) order by h.id for update;
  perform pg_advisory_xact_lock(7238116254001);
  return json_build_object('code', 'ok');
end $$;
revoke all on function holdpoint.lock_holds_v1(json) from public;
grant execute on function holdpoint.lock_holds_v1(json) to hp_app;
