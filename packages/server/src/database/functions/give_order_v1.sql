-- An operator gives an order that stands, or lifts one. One round trip, one transaction, one event; it counts for everything
-- from its commit on. What is there already is paused or resumed by apply_order_v1, in batches.
--
-- command: {credentialHash, kind: "pause" | "hold", scope: "all" | "agent" | "session" | "tool", subject, isLifted, reason, key,
--   eventId}
-- key: of the request, with the hash of its body; repeated, it changes nothing.
-- Answers {code: "ok" | "unchanged", order} or {code: "unauthorized" | "not_allowed" | "session_unknown" | "not_given" |
-- "idempotency_mismatch"}.
create or replace function holdpoint.give_order_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  who constant holdpoint.principal := holdpoint.identify_v1(command ->> 'credentialHash');
  is_lifted constant boolean := coalesce((command ->> 'isLifted')::boolean, false);
  at timestamptz;
  giver json;
  standing holdpoint.standing_orders;
  given holdpoint.standing_orders;
begin
  if who.org_id is null then return json_build_object('code', 'unauthorized'); end if;
  perform pg_catalog.set_config('hp.org_id', who.org_id, true);
  given.kind := command ->> 'kind';
  given.scope := command ->> 'scope';
  given.subject := command ->> 'subject';
  if who.member_id is not null then
    if who.role not in ('operator', 'admin') then
      return json_build_object('code', 'not_allowed', 'needs', 'role operator or admin');
    end if;
  -- I9: what holds an agent is nothing that an agent lifts. An agent may stop itself, and an app's own key what its users do.
  elsif given.kind = 'hold' or given.scope = 'all' then
    return json_build_object('code', 'not_allowed', 'needs', 'person');
  elsif not ('runs:*' = any (who.scopes)) then
    return json_build_object('code', 'not_allowed', 'needs', 'scope runs:*');
  elsif who.agent_id is not null and (given.scope <> 'agent' or given.subject <> who.agent_id) then
    return json_build_object('code', 'not_allowed', 'needs', 'role operator or admin');
  end if;
  if given.scope = 'session' then
    if not exists (select from holdpoint.sessions s where s.org_id = who.org_id and s.id = given.subject) then
      return json_build_object('code', 'session_unknown');
    end if;
  end if;

  -- Before anything that makers of runs wait for: whoever carries it out has its row, and waits for runs (apply_order_v1).
  perform from holdpoint.standing_orders o
    where o.org_id = who.org_id and o.kind = given.kind and o.scope = given.scope and o.subject = given.subject for update;
  perform holdpoint.lock_orders_v1(who.org_id, true);
  at := holdpoint.hp_now();
  giver := json_build_object('kind', case when who.member_id is null then 'agent' else 'member' end,
    'id', coalesce(who.member_id, who.agent_id, who.principal_id), 'name', coalesce(who.member_name, who.agent_id));
  select * into standing from holdpoint.standing_orders o
    where o.org_id = who.org_id and o.kind = given.kind and o.scope = given.scope and o.subject = given.subject;
  if holdpoint.same_request_v1(standing.given_key, command ->> 'key') = false
    or holdpoint.same_request_v1(standing.lifted_key, command ->> 'key') = false then
    return json_build_object('code', 'idempotency_mismatch');
  end if;
  if is_lifted then
    if standing.kind is null or standing.lifted_at is not null and standing.lifted_key is distinct from command ->> 'key' then
      return json_build_object('code', 'not_given');
    end if;
    if standing.lifted_at is not null then
      return json_build_object('code', 'unchanged', 'order', row_to_json(standing));
    end if;
    -- What a person has ordered, a person lifts.
    if who.member_id is null and standing.given_by ->> 'kind' <> 'agent' then
      return json_build_object('code', 'not_allowed', 'needs', 'person');
    end if;
    update holdpoint.standing_orders o set lifted_at = at, lifted_by = giver, lifted_key = command ->> 'key',
        apply_after = case o.kind when 'pause' then '' end
      where o.org_id = who.org_id and o.kind = given.kind and o.scope = given.scope and o.subject = given.subject
      returning * into given;
  else
    -- Where it is only an agent that has stopped itself, a person's word makes it the person's order.
    if standing.kind is not null and (standing.given_key = command ->> 'key' or standing.lifted_at is null
        and not (who.member_id is not null and standing.given_by ->> 'kind' = 'agent')) then
      return json_build_object('code', 'unchanged', 'order', row_to_json(standing));
    end if;
    insert into holdpoint.standing_orders as o (org_id, kind, scope, subject, reason, created_at, given_by, given_key, apply_after)
      values (who.org_id, given.kind, given.scope, given.subject, command ->> 'reason', at, giver, command ->> 'key',
        case given.kind when 'pause' then '' end)
      on conflict (org_id, kind, scope, subject) do update set reason = excluded.reason, created_at = excluded.created_at,
        given_by = excluded.given_by, given_key = excluded.given_key, apply_after = excluded.apply_after,
        lifted_at = null, lifted_by = null, lifted_key = null
      returning * into given;
  end if;
  -- What was evaluated without this switch, or with it, is refused and evaluated anew (start_call_v1, proceed_v1).
  if given.kind = 'hold' then
    perform holdpoint.move_policy_revision_v1(who.org_id);
    update holdpoint.policies p set switched_at = (select max(o.created_at) from holdpoint.standing_orders o
        where o.org_id = who.org_id and o.kind = 'hold' and o.lifted_at is null)
      where p.org_id = who.org_id;
  end if;
  insert into holdpoint.events (org_id, id, type, created_at, actor_kind, actor_id, actor_name, rationale, action_name, session_id,
      agent_id, data)
    values (who.org_id, command ->> 'eventId', case when is_lifted then 'order.lifted' else 'order.given' end, at,
      giver ->> 'kind', giver ->> 'id', giver ->> 'name', command ->> 'reason',
      case given.scope when 'tool' then given.subject end, case given.scope when 'session' then given.subject end,
      case given.scope when 'agent' then given.subject end,
      json_build_object('kind', given.kind, 'scope', given.scope, 'subject', nullif(given.subject, ''),
        'reason', command ->> 'reason', 'givenAt', given.created_at));
  return json_build_object('code', 'ok', 'order', row_to_json(given));
end $$;
revoke all on function holdpoint.give_order_v1(json) from public;
grant execute on function holdpoint.give_order_v1(json) to hp_app;
