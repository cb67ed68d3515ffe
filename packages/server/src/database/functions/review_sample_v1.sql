-- A person judges an action that had proceeded by itself; they may change their mind, nobody else may for them.
-- command: {credentialHash, id, verdict, comment, eventId}
create or replace function holdpoint.review_sample_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  who holdpoint.principal;
  at timestamptz;
  sample holdpoint.samples;
  call holdpoint.tool_calls;
  answer text := 'ok';
begin
  who := holdpoint.identify_v1(command ->> 'credentialHash');
  if who.org_id is null then return json_build_object('code', 'unauthorized'); end if;
  perform pg_catalog.set_config('hp.org_id', who.org_id, true);
  select * into sample from holdpoint.samples s where s.org_id = who.org_id and s.id = command ->> 'id' for update;
  if sample.id is null then return json_build_object('code', 'not_found'); end if;
  if who.member_id is null then return json_build_object('code', 'not_allowed', 'needs', 'person'); end if;
  if who.role = 'viewer' then
    return json_build_object('code', 'not_allowed', 'needs', 'role reviewer, manager, operator or admin');
  end if;
  at := holdpoint.hp_now();
  if sample.reviewed_by <> who.member_id then
    return json_build_object('code', 'conflict', 'by', sample.reviewed_by_name, 'verdict', sample.verdict);
  end if;
  if sample.verdict = command ->> 'verdict' and sample.comment is not distinct from command ->> 'comment' then
    answer := 'repeated';
  else
    insert into holdpoint.events (org_id, id, type, created_at, actor_kind, actor_id, actor_name, decision, rationale, action_name,
        action_hash, run_id, tool_call_id, agent_id, end_user_id, data)
      values (sample.org_id, command ->> 'eventId', 'sample.reviewed', at, 'member', who.member_id, who.member_name,
        command ->> 'verdict', command ->> 'comment', sample.action ->> 'name', sample.action_hash, sample.run_id,
        sample.tool_call_id, sample.agent_id, sample.end_user_id,
        json_build_object('sampleId', sample.id, 'verdict', command ->> 'verdict', 'before', sample.verdict,
          'comment', command ->> 'comment', 'rule', sample.rule, 'confidence', sample.confidence, 'claimId', sample.claim_id));
    update holdpoint.samples s set verdict = command ->> 'verdict', comment = command ->> 'comment', reviewed_at = at,
        reviewed_by = who.member_id, reviewed_by_name = who.member_name
      where s.org_id = sample.org_id and s.id = sample.id returning s.* into sample;
  end if;
  select * into call from holdpoint.tool_calls c where c.org_id = sample.org_id and c.id = sample.tool_call_id;
  return json_build_object('code', answer, 'sample', row_to_json(sample),
    'call', json_build_object('status', call.status, 'result', call.result, 'error', call.error));
end $$;
revoke all on function holdpoint.review_sample_v1(json) from public;
grant execute on function holdpoint.review_sample_v1(json) to hp_app;
