-- One question, for the end user whom it is addressed to; another's is not there.
create or replace function holdpoint.get_question_v1(credential_hash text, hold_id text) returns json
language plpgsql volatile set search_path = '' as $$
declare
  who constant holdpoint.end_user_principal := holdpoint.identify_end_user_v1(credential_hash);
  hold holdpoint.holds;
begin
  if who.org_id is null then return json_build_object('code', 'unauthorized'); end if;
  perform pg_catalog.set_config('hp.org_id', who.org_id, true);
  select * into hold from holdpoint.holds h where h.org_id = who.org_id and h.id = hold_id
    and h.end_user_id = who.end_user_id and h.kind in ('clarification', 'authorization');
  if hold.id is null then return json_build_object('code', 'not_found'); end if;
  return json_build_object('code', 'ok', 'now', holdpoint.hp_now(), 'hold', row_to_json(hold), 'via', who.via);
end $$;
revoke all on function holdpoint.get_question_v1(text, text) from public;
grant execute on function holdpoint.get_question_v1(text, text) to hp_app;
