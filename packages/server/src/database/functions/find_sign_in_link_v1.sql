-- Whose sign-in link is this, and does it still work? Changes nothing. code: ok | used | expired | not_found.
create or replace function holdpoint.find_sign_in_link_v1(link_hash text) returns json
language sql stable security definer set search_path = '' as $$
  select coalesce((
    select json_build_object('name', m.name, 'email', m.email, 'organisation', o.name, 'code',
      case when m.removed_at is not null then 'not_found' when l.used_at is not null then 'used'
        when l.expires_at <= holdpoint.hp_now() then 'expired' else 'ok' end)
    from holdpoint.sign_in_links l
    join holdpoint.members m on m.org_id = l.org_id and m.id = l.member_id
    join holdpoint.organisations o on o.id = l.org_id
    where l.hash = link_hash
  ), json_build_object('code', 'not_found'))
$$;
alter function holdpoint.find_sign_in_link_v1(text) owner to hp_definer;
revoke all on function holdpoint.find_sign_in_link_v1(text) from public;
grant execute on function holdpoint.find_sign_in_link_v1(text) to hp_app;
