-- Takes a portion of what the principal behind a credential may still ask in this minute: the limit divided by `share`, or
-- what is left. Null for a credential that counts not; whoever serves the request refuses it. Crosses organisations, as the
-- credential is all that is known.
-- {"limit", "granted", "left": what other portions may be taken, "windowMs": until the next minute}
create or replace function holdpoint.lease_requests_v1(credential_hash text, key_limit integer, end_user_limit integer, share integer) returns json
language plpgsql volatile security definer set search_path = '' as $$
declare
  at constant timestamptz := holdpoint.hp_now();
  minute constant timestamptz := date_trunc('minute', at);
  who holdpoint.principal := holdpoint.identify_v1(credential_hash);
  end_user holdpoint.end_user_principal;
  org text := who.org_id;
  principal text := who.principal_id;
  per_minute integer := key_limit;
  portion integer;
  before integer;
  given_now integer;
  began timestamptz;
begin
  if org is null then
    end_user := holdpoint.identify_end_user_v1(credential_hash);
    if end_user.org_id is null then return null; end if;
    org := end_user.org_id;
    principal := 'end_user:' || end_user.end_user_id;
    per_minute := end_user_limit;
  end if;
  portion := greatest(1, per_minute / share);
  insert into holdpoint.request_windows as w (org_id, id, window_start, given) values (org, principal, minute, 0)
    on conflict do nothing;
  select w.window_start, w.given into began, before from holdpoint.request_windows w
    where w.org_id = org and w.id = principal for update;
  -- Of another minute, whichever: a clock that was set back must not lend the same minute twice for ever.
  if began <> minute then before := 0; end if;
  given_now := least(portion, greatest(0, per_minute - before));
  if given_now > 0 or began <> minute then
    update holdpoint.request_windows w set window_start = minute, given = before + given_now
      where w.org_id = org and w.id = principal;
  end if;
  if began <> minute then
    delete from holdpoint.request_windows w using (
      select o.org_id, o.id from holdpoint.request_windows o where o.window_start < minute - interval '10 minutes'
        order by o.window_start limit 100 for update skip locked) as old
      where w.org_id = old.org_id and w.id = old.id;
  end if;
  return json_build_object('limit', per_minute, 'granted', given_now, 'left', greatest(0, per_minute - before - given_now),
    'windowMs', ceil(extract(epoch from minute + interval '1 minute' - at) * 1000));
end $$;
alter function holdpoint.lease_requests_v1(text, integer, integer, integer) owner to hp_definer;
revoke all on function holdpoint.lease_requests_v1(text, integer, integer, integer) from public;
grant execute on function holdpoint.lease_requests_v1(text, integer, integer, integer) to hp_app;
