-- A device brings the code of a link. The first with the right one is bound; of any number at the same time one is. Another
-- device is refused whatever it brings, so that it learns nothing of the code. The fifth wrong code ends the link.
-- command: {linkHash, codeHash, nonce, deviceHash: of the cookie that came along, newDeviceHash: what this device is given, eventId}
-- Answers {code: "ok" | "repeated" | "wrong_code" | "link_taken" | "link_ended" | "not_found", status, attemptsLeft, expiresAt}.
create or replace function holdpoint.open_end_user_link_v1(command json) returns json
language plpgsql volatile security definer set search_path = '' as $$
declare
  max_wrong constant integer := 5;
  link holdpoint.end_user_links;
  at timestamptz;
  code text;
  state text;
begin
  select * into link from holdpoint.end_user_links l where l.hash = command ->> 'linkHash' for update;
  if link.id is null then return json_build_object('code', 'not_found'); end if;
  at := holdpoint.hp_now();
  state := case when link.revoked_at is not null then 'revoked' when link.ended_at is not null then 'ended'
    when link.expires_at <= at then 'expired' end;
  if state is not null then
    code := 'link_ended';
  elsif link.bound_at is not null then
    -- The new one: a call repeated after a lost connection, which bound it.
    code := case when link.device_hash = command ->> 'newDeviceHash' then 'ok'
      when link.device_hash = command ->> 'deviceHash' then 'repeated' else 'link_taken' end;
    state := case code when 'link_taken' then 'taken' else 'bound' end;
  -- Both sides are hashed with a value that nobody outside knows, so that the time this takes tells nothing of either.
  elsif sha256(convert_to(command ->> 'nonce' || link.code_hash, 'UTF8'))
      = sha256(convert_to(command ->> 'nonce' || (command ->> 'codeHash'), 'UTF8')) then
    code := 'ok';
    state := 'bound';
    update holdpoint.end_user_links l set bound_at = at, device_hash = command ->> 'newDeviceHash'
      where l.org_id = link.org_id and l.id = link.id;
    insert into holdpoint.events (org_id, id, type, created_at, actor_kind, actor_id, actor_name, end_user_id, data)
      values (link.org_id, command ->> 'eventId', 'end_user.linked', at, 'end_user', link.end_user_id,
        (select u.name from holdpoint.end_users u where u.org_id = link.org_id and u.id = link.end_user_id),
        link.end_user_id, json_build_object('linkId', link.id, 'step', 'bound', 'expiresAt', link.expires_at));
  else
    code := 'wrong_code';
    link.wrong_codes := link.wrong_codes + 1;
    state := case when link.wrong_codes >= max_wrong then 'ended' else 'waiting' end;
    update holdpoint.end_user_links l set wrong_codes = link.wrong_codes,
        ended_at = case state when 'ended' then at end
      where l.org_id = link.org_id and l.id = link.id;
    if state = 'ended' then
      insert into holdpoint.events (org_id, id, type, created_at, actor_kind, actor_id, actor_name, end_user_id, data)
        values (link.org_id, command ->> 'eventId', 'end_user.link_ended', at, 'system', null, null, link.end_user_id,
          json_build_object('linkId', link.id, 'reason', 'wrong_codes'));
    end if;
  end if;
  return json_build_object('code', code, 'status', state, 'attemptsLeft', greatest(0, max_wrong - link.wrong_codes),
    'expiresAt', link.expires_at, 'expiresInSeconds', extract(epoch from link.expires_at - at));
end $$;
alter function holdpoint.open_end_user_link_v1(json) owner to hp_definer;
revoke all on function holdpoint.open_end_user_link_v1(json) from public;
grant execute on function holdpoint.open_end_user_link_v1(json) to hp_app;
