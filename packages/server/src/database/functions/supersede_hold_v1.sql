-- A wider hold takes the place of an open one: whoever waited for that waits for this. Not by settle_hold_v1, since nobody
-- is to go on. Called with the old hold's row locked by share_hold_v1.
create or replace function holdpoint.supersede_hold_v1(old_id text, by_hold holdpoint.holds, event_id text, at timestamptz) returns void
language plpgsql volatile set search_path = '' as $$
declare
  old holdpoint.holds;
begin
  update holdpoint.asks a set hold_id = by_hold.id where a.org_id = by_hold.org_id and a.hold_id = old_id;
  update holdpoint.holds h set status = 'cancelled', version = h.version + 1, decided_at = at,
      outcome = json_build_object('verdict', null, 'comment', 'superseded',
        'by', json_build_object('id', 'system', 'name', 'run', 'via', 'run', 'verifiedBy', null)),
      metadata = (coalesce(h.metadata::jsonb, '{}') || jsonb_build_object('replacedBy', by_hold.id))::json
    where h.org_id = by_hold.org_id and h.id = old_id
    returning * into old;
  perform holdpoint.append_hold_event_v1(old, event_id, 'hold.cancelled', at, 'system', 'system', 'run', 'cancelled', 'superseded',
    json_build_object('holdId', old.id, 'title', old.title, 'action', old.action, 'reason', 'superseded', 'toolCallId', old.tool_call_id,
      'replacedBy', by_hold.id));
end $$;
revoke all on function holdpoint.supersede_hold_v1(text, holdpoint.holds, text, timestamptz) from public;
grant execute on function holdpoint.supersede_hold_v1(text, holdpoint.holds, text, timestamptz) to hp_app;
