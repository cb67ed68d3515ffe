-- The first half of a decision that needs more than a role: who decides, the hold under lock, what has been said, and what
-- is known of the people (I3, I9). write_decision_v1 is the other half, in the same transaction; core's transition between.
-- command: {credentialHash, holdId, timeoutEventId, idempotencyKey, bodyHash}
-- Answers {code: "ok", now, hold, who, votes, people, directory} or a refusal as decide_v1 gives it.
create or replace function holdpoint.lock_for_decision_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  who constant holdpoint.principal := holdpoint.identify_v1(command ->> 'credentialHash');
  hold holdpoint.holds;
  earlier holdpoint.decisions;
  at timestamptz;
begin
  if who.org_id is null then return json_build_object('code', 'unauthorized'); end if;
  perform pg_catalog.set_config('hp.org_id', who.org_id, true);
  select * into hold from holdpoint.holds h where h.org_id = who.org_id and h.id = command ->> 'holdId' for update;
  if hold.id is null then return json_build_object('code', 'not_found'); end if;
  at := holdpoint.hp_now();
  if command ->> 'idempotencyKey' is not null then
    select * into earlier from holdpoint.decisions d
      where d.org_id = who.org_id and d.idempotency_key = command ->> 'idempotencyKey';
    if earlier.id is not null then
      return json_build_object('code',
        case when earlier.body_hash = command ->> 'bodyHash' and earlier.hold_id = hold.id and earlier.by_id = who.member_id
          then 'repeated' else 'idempotency_mismatch' end, 'now', at, 'hold', row_to_json(hold));
    end if;
  end if;
  if who.member_id is null then
    return json_build_object('code', 'not_allowed', 'needs', 'person', 'hold', row_to_json(hold));
  end if;
  if hold.status = 'pending' and hold.expires_at <= at then
    hold := holdpoint.time_out_hold_v1(hold, command ->> 'timeoutEventId', at);
  end if;
  return json_build_object('code', 'ok', 'now', at, 'hold', row_to_json(hold),
    'who', json_build_object('kind', who.kind, 'principalId', who.principal_id, 'memberId', who.member_id,
      'name', who.member_name, 'signedInAt', who.signed_in_at),
    'votes', (select coalesce(json_agg(row_to_json(d) order by d.created_at, d.id), '[]'::json) from holdpoint.decisions d
      where d.hold_id = hold.id and d.org_id = hold.org_id and d.hold_version >= coalesce(hold.votes_since, 1)),
    'people', (select coalesce(json_agg(json_build_object('memberId', m.id, 'email', m.email, 'role', m.role,
        'standsInFor', holdpoint.stands_in_for_v1(m.org_id, m.id, at))), '[]'::json)
      from holdpoint.members m
      where m.org_id = hold.org_id and m.removed_at is null and (m.id = who.member_id or m.id in (select d.by_id
        from holdpoint.decisions d where d.hold_id = hold.id and d.org_id = hold.org_id))),
    'directory', holdpoint.directory_v1(hold.org_id));
end $$;
revoke all on function holdpoint.lock_for_decision_v1(json) from public;
grant execute on function holdpoint.lock_for_decision_v1(json) to hp_app;
