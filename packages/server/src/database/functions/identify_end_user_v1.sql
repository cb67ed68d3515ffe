-- Whose device or token is this? The one door for end users, as identify_v1 is the one for keys and members; neither knows
-- what the other knows. Null for what is unknown, revoked, ended or out of date.
create or replace function holdpoint.identify_end_user_v1(credential_hash text) returns holdpoint.end_user_principal
language plpgsql stable security definer set search_path = '' as $$
declare who holdpoint.end_user_principal;
begin
  select t.org_id::text, t.end_user_id::text, u.name, 'token', 'end_user_token', t.created_by::text into who
    from holdpoint.end_user_tokens t
    left join holdpoint.end_users u on u.org_id = t.org_id and u.id = t.end_user_id
    where t.hash = credential_hash and t.expires_at > holdpoint.hp_now();
  if not found then
    select l.org_id::text, l.end_user_id::text, u.name, 'page', 'end_user_link', l.created_by::text into who
      from holdpoint.end_user_links l
      left join holdpoint.end_users u on u.org_id = l.org_id and u.id = l.end_user_id
      where l.device_hash = credential_hash and l.revoked_at is null and l.ended_at is null
        and l.expires_at > holdpoint.hp_now();
  end if;
  return who;
end $$;
alter function holdpoint.identify_end_user_v1(text) owner to hp_definer;
revoke all on function holdpoint.identify_end_user_v1(text) from public;
grant execute on function holdpoint.identify_end_user_v1(text) to hp_app;
