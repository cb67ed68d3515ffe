-- Before a call waits for a sign-in of its run's end user at a provider: whether the one that is open is the one that the
-- worker knows of. Of all who ask for the same at once one makes the hold and the others find it (defect 30).
-- share: {provider, expected: id of the open hold or null, byHoldId: id of the new hold that takes its place, or null to wait
-- for it too}. Answers null when that can be done, with the open hold's row locked until the end of the transaction; else
-- {code: "share_changed", provider, open: {id, question} or null}. A hold that is being decided in this moment reads as changed:
-- waiting for it here would be waiting in a circle, since deciding locks the hold first and the run after it.
create or replace function holdpoint.share_hold_v1(run holdpoint.runs, share json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  open holdpoint.holds;
  is_locked boolean := true;
begin
  perform pg_advisory_xact_lock(hashtextextended(concat_ws(':', 'authorization', run.org_id, run.end_user_id, share ->> 'provider'), 7238116254003));
  select * into open from holdpoint.holds h
    where h.org_id = run.org_id and h.end_user_id = run.end_user_id and h.kind = 'authorization' and h.status = 'pending'
      and h.question ->> 'provider' = share ->> 'provider' and (h.expires_at is null or h.expires_at > holdpoint.hp_now())
    order by h.id desc limit 1;
  if open.id is not null and open.id = share ->> 'expected' then
    if share ->> 'byHoldId' is null then
      perform from holdpoint.holds h where h.org_id = run.org_id and h.id = open.id and h.status = 'pending' for share skip locked;
    else
      perform from holdpoint.holds h where h.org_id = run.org_id and h.id = open.id and h.status = 'pending' for update skip locked;
    end if;
    is_locked := found;
  end if;
  if is_locked and open.id is not distinct from share ->> 'expected' then return null; end if;
  return json_build_object('code', 'share_changed', 'provider', share ->> 'provider', 'open',
    case when open.id is not null then json_build_object('id', open.id, 'question', open.question) end);
end $$;
revoke all on function holdpoint.share_hold_v1(holdpoint.runs, json) from public;
grant execute on function holdpoint.share_hold_v1(holdpoint.runs, json) to hp_app;
