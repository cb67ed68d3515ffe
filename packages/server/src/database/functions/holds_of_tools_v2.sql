-- Pending actions whose tool was another one when they were proposed: tools is {name: hash as it is now}. Also calls of agents
-- that are still there and have the tool no more (an agent elsewhere may name whatever it likes). Each with its run, if it is of
-- one. Over all organisations, a bounded number at a time.
create or replace function holdpoint.holds_of_tools_v2(tools json, agents text[], after_org text, after_id text, count_limit integer) returns json
language plpgsql stable security definer set search_path = '' as $$
begin
  return (select coalesce(json_agg(json_build_object('hold', row_to_json(h), 'run',
      case when h.tool_call_id is not null then
        (select row_to_json(r) from holdpoint.runs r where r.org_id = h.org_id and r.id = h.run_id) end) order by h.org_id, h.id), '[]'::json)
    from (select * from holdpoint.holds p
      where p.status = 'pending' and p.kind = 'approval' and p.tool_hash is not null
        and (tools ->> (p.action ->> 'name') <> p.tool_hash
          or tools ->> (p.action ->> 'name') is null and p.tool_call_id is not null and (p.agent_id = any (agents)
            or exists (select from holdpoint.agents a where a.org_id = p.org_id and a.id = p.agent_id and a.deleted_at is null)))
        and (p.org_id, p.id) > (after_org, after_id)
      order by p.org_id, p.id limit count_limit) h);
end $$;
alter function holdpoint.holds_of_tools_v2(json, text[], text, text, integer) owner to hp_definer;
revoke all on function holdpoint.holds_of_tools_v2(json, text[], text, text, integer) from public;
grant execute on function holdpoint.holds_of_tools_v2(json, text[], text, text, integer) to hp_app;
