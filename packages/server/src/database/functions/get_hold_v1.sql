-- One hold with its decisions, for any credential of its organisation that may read. One round trip.
create or replace function holdpoint.get_hold_v1(credential_hash text, hold_id text) returns json
language plpgsql volatile set search_path = '' as $$
declare
  who holdpoint.principal;
  hold holdpoint.holds;
begin
  who := holdpoint.identify_v1(credential_hash);
  if who.org_id is null then return json_build_object('code', 'unauthorized'); end if;
  perform pg_catalog.set_config('hp.org_id', who.org_id, true);
  if not holdpoint.may_read_holds_v1(who.kind, who.scopes) then
    return json_build_object('code', 'not_allowed', 'needs', 'scope holds:create or holds:read');
  end if;
  select * into hold from holdpoint.holds h where h.org_id = who.org_id and h.id = hold_id;
  -- An agent sees what it asked for and no other's (wire.md, Amorce: 404 also for what another agent owns).
  if hold.id is null or (who.kind = 'agent' and who.agent_id is not null and hold.agent_id is distinct from who.agent_id) then
    return json_build_object('code', 'not_found');
  end if;
  return json_build_object('code', 'ok', 'now', holdpoint.hp_now(), 'hold', row_to_json(hold),
    'deferredAt', (select d.deferred_at from holdpoint.deferrals d
      where d.org_id = hold.org_id and d.hold_id = hold.id and d.member_id = who.member_id),
    'decisions',
    (select coalesce(json_agg(row_to_json(d) order by d.id), '[]'::json) from holdpoint.decisions d
      where d.org_id = hold.org_id and d.hold_id = hold.id));
end $$;
revoke all on function holdpoint.get_hold_v1(text, text) from public;
grant execute on function holdpoint.get_hold_v1(text, text) to hp_app;
