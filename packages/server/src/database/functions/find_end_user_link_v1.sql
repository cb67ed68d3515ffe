-- What a link is to the device that asks. Changes nothing: mail scanners and previews may ask as often as they like.
create or replace function holdpoint.find_end_user_link_v1(link_hash text, device_hash text) returns json
language sql stable security definer set search_path = '' as $$
  select coalesce((
    select json_build_object('code', 'ok', 'wrongCodes', l.wrong_codes, 'expiresAt', l.expires_at, 'status',
      case when l.revoked_at is not null then 'revoked' when l.ended_at is not null then 'ended'
        when l.expires_at <= holdpoint.hp_now() then 'expired' when l.bound_at is null then 'waiting'
        when l.device_hash = find_end_user_link_v1.device_hash then 'bound' else 'taken' end)
    from holdpoint.end_user_links l where l.hash = link_hash
  ), json_build_object('code', 'not_found'))
$$;
alter function holdpoint.find_end_user_link_v1(text, text) owner to hp_definer;
revoke all on function holdpoint.find_end_user_link_v1(text, text) from public;
grant execute on function holdpoint.find_end_user_link_v1(text, text) to hp_app;
