-- Whether a request about a hold was made before, by its idempotency key: true for this very request of this principal,
-- false for a key that stands for another one, null for a new key or none.
create or replace function holdpoint.known_request_v1(hold holdpoint.holds, who holdpoint.principal, command json)
returns boolean
language sql stable set search_path = '' as $$
  select k.hold_id = hold.id and k.body_hash = command ->> 'bodyHash'
      and k.principal = coalesce(who.member_id, who.agent_id, who.principal_id)
    from holdpoint.request_keys k
    where k.org_id = hold.org_id and k.idempotency_key = command ->> 'idempotencyKey'
$$;
revoke all on function holdpoint.known_request_v1(holdpoint.holds, holdpoint.principal, json) from public;
grant execute on function holdpoint.known_request_v1(holdpoint.holds, holdpoint.principal, json) to hp_app;
