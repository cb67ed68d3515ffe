-- One person stands in for another, for a time. A member's own to give; an admin's to give for anybody. Moves the policy's
-- revision: what was evaluated before is evaluated anew.
-- command: {credentialHash, id, eventId, from, to, startsAt, endsAt, idempotencyKey, bodyHash}; from and to: an id, or a mail
-- address in any case. Answers {code: "ok" | "repeated", delegation} or {code: "member_not_found", member} | "invalid" | …
create or replace function holdpoint.create_delegation_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  who constant holdpoint.principal := holdpoint.identify_v1(command ->> 'credentialHash');
  at constant timestamptz := holdpoint.hp_now();
  giver holdpoint.members;
  deputy holdpoint.members;
  given holdpoint.delegations;
begin
  if who.org_id is null then return json_build_object('code', 'unauthorized'); end if;
  perform pg_catalog.set_config('hp.org_id', who.org_id, true);
  if who.member_id is null then return json_build_object('code', 'not_allowed', 'needs', 'person'); end if;
  select * into given from holdpoint.delegations d
    where d.org_id = who.org_id and (d.id = command ->> 'id' or d.idempotency_key = command ->> 'idempotencyKey');
  if given.id is not null then
    return json_build_object('code', case when given.body_hash is not distinct from command ->> 'bodyHash'
      and given.created_by = who.member_id then 'repeated' else 'idempotency_mismatch' end, 'now', at,
      'delegation', holdpoint.delegation_v1(given));
  end if;
  select * into giver from holdpoint.members m where m.org_id = who.org_id and m.removed_at is null
    and (m.id = coalesce(command ->> 'from', who.member_id) or lower(m.email) = lower(command ->> 'from'));
  if giver.id is distinct from who.member_id and who.role <> 'admin' then
    return json_build_object('code', 'not_allowed', 'needs', 'role admin, to delegate what is another''s');
  end if;
  if giver.id is null then return json_build_object('code', 'member_not_found', 'member', command ->> 'from'); end if;
  select * into deputy from holdpoint.members m where m.org_id = who.org_id and m.removed_at is null
    and (m.id = command ->> 'to' or lower(m.email) = lower(command ->> 'to'));
  if deputy.id is null then return json_build_object('code', 'member_not_found', 'member', command ->> 'to'); end if;
  given.org_id := who.org_id;
  given.id := command ->> 'id';
  given.from_member := giver.id;
  given.to_member := deputy.id;
  given.starts_at := coalesce((command ->> 'startsAt')::timestamptz, at);
  given.ends_at := (command ->> 'endsAt')::timestamptz;
  given.created_at := at;
  given.created_by := who.member_id;
  given.idempotency_key := command ->> 'idempotencyKey';
  given.body_hash := command ->> 'bodyHash';
  if giver.id = deputy.id or given.ends_at <= greatest(given.starts_at, at) or given.ends_at > at + interval '366 days' then
    return json_build_object('code', 'invalid', 'isSelf', giver.id = deputy.id);
  end if;
  insert into holdpoint.delegations select (given).*
    on conflict (org_id, idempotency_key) where idempotency_key is not null do nothing;
  if not found then return json_build_object('code', 'idempotency_mismatch'); end if;
  update holdpoint.policies p set revision = p.revision + 1 where p.org_id = who.org_id;
  insert into holdpoint.events (org_id, id, type, created_at, actor_kind, actor_id, actor_name, data)
  values (who.org_id, command ->> 'eventId', 'delegation.created', at, 'member', who.member_id, who.member_name,
    holdpoint.delegation_v1(given));
  return json_build_object('code', 'ok', 'now', at, 'orgId', who.org_id, 'delegation', holdpoint.delegation_v1(given));
end $$;
revoke all on function holdpoint.create_delegation_v1(json) from public;
grant execute on function holdpoint.create_delegation_v1(json) to hp_app;
