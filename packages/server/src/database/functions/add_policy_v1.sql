-- Keeps a document as the next version and puts it in force, or beside what is in force (mode "shadow"), with its event
-- (I5). Called with the policy's row locked and checked.
-- command: {id, eventId, document, source, comment, mode, configHash, changes, idempotencyKey, bodyHash}
create or replace function holdpoint.add_policy_v1(
  policy holdpoint.policies, command json, by_id text, by_name text
) returns holdpoint.policy_versions
language plpgsql volatile set search_path = '' as $$
declare
  at timestamptz := holdpoint.hp_now();
  is_shadow boolean := coalesce(command ->> 'mode', 'enforce') = 'shadow';
  added holdpoint.policy_versions;
begin
  insert into holdpoint.policy_versions (org_id, id, version, document, source, comment, created_at, created_by, created_by_name,
      idempotency_key, body_hash)
    values (policy.org_id, command ->> 'id',
      coalesce((select v.version from holdpoint.policy_versions v where v.org_id = policy.org_id order by v.version desc limit 1), 0) + 1,
      command -> 'document', command ->> 'source', command ->> 'comment', at, by_id, by_name,
      command ->> 'idempotencyKey', command ->> 'bodyHash')
    returning * into added;
  -- A version that comes into force ends the trial of another: what it was compared with is gone.
  update holdpoint.policies p set revision = p.revision + 1,
      version = case when is_shadow then p.version else added.version end,
      shadow_version = case when is_shadow then added.version end,
      config_hash = coalesce(command ->> 'configHash', p.config_hash)
    where p.org_id = policy.org_id;
  insert into holdpoint.events (org_id, id, type, created_at, actor_kind, actor_id, actor_name, rationale, data)
    values (policy.org_id, command ->> 'eventId', 'policy.changed', at, case when by_id is null then 'system' else 'member' end,
      coalesce(by_id, 'config'), by_name, command ->> 'comment',
      json_build_object('version', added.version, 'before', policy.version, 'mode', coalesce(command ->> 'mode', 'enforce'),
        'source', added.source, 'comment', added.comment, 'changes', command -> 'changes'));
  return added;
end $$;
revoke all on function holdpoint.add_policy_v1(holdpoint.policies, json, text, text) from public;
grant execute on function holdpoint.add_policy_v1(holdpoint.policies, json, text, text) to hp_app;
