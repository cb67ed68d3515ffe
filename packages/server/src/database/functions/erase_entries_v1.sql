-- Erases members of events that are in the log: the clear values go, and so do the salts; their commitments stay, so
-- that entry and hash are what they were. The only thing that changes events, and all that it can do to them.
-- entries: [{index, opening: {salts, erased: {<member>: <commitment>}}}]. Returns how many were erased.
create or replace function holdpoint.erase_entries_v1(org text, entries json) returns integer
language plpgsql volatile security definer set search_path = '' as $$
declare
  entry record;
  gone json;
  leaf holdpoint.audit_leaves;
  count integer := 0;
begin
  for entry in select * from json_to_recordset(entries) as r(index bigint, opening json) order by r.index loop
    gone := entry.opening -> 'erased';
    update holdpoint.audit_leaves l set salt = null, opening = entry.opening
      where l.org_id = org and l.index = entry.index and l.opening is null returning * into leaf;
    if leaf.org_id is null then continue; end if; -- somebody else has erased it meanwhile
    update holdpoint.events e set
      action_hash = case when gone -> 'actionHash' is null then e.action_hash end,
      actor_id = case when gone -> 'actor.id' is null then e.actor_id else 'erased' end,
      actor_name = case when gone -> 'actor.name' is null then e.actor_name else 'erased' end,
      data = case when gone -> 'data' is null then e.data else '{"erased":true}'::json end,
      end_user_id = case when gone -> 'endUserId' is null then e.end_user_id end,
      rationale = case when gone -> 'rationale' is null then e.rationale end,
      session_id = case when gone -> 'sessionId' is null then e.session_id end
      where e.org_id = org and e.id = leaf.event_id;
    count := count + 1;
  end loop;
  return count;
end $$;
alter function holdpoint.erase_entries_v1(text, json) owner to hp_eraser;
revoke all on function holdpoint.erase_entries_v1(text, json) from public;
grant execute on function holdpoint.erase_entries_v1(text, json) to hp_app;
