-- Keeps the idempotency key of a request about a hold, in the transaction of what it does; before that is written,
-- since false (the key was taken for another hold at the same moment) must leave nothing behind. True without a key.
create or replace function holdpoint.keep_request_key_v1(hold holdpoint.holds, who holdpoint.principal, command json)
returns boolean
language plpgsql volatile set search_path = '' as $$
begin
  if command ->> 'idempotencyKey' is null then return true; end if;
  insert into holdpoint.request_keys (org_id, idempotency_key, hold_id, principal, body_hash)
    values (hold.org_id, command ->> 'idempotencyKey', hold.id, coalesce(who.member_id, who.agent_id, who.principal_id),
      command ->> 'bodyHash')
    on conflict do nothing;
  return found;
end $$;
revoke all on function holdpoint.keep_request_key_v1(holdpoint.holds, holdpoint.principal, json) from public;
grant execute on function holdpoint.keep_request_key_v1(holdpoint.holds, holdpoint.principal, json) to hp_app;
