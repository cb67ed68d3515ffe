-- A page of an end user's own questions: open ones first, then those decided within 30 days, each newest first.
-- command: {credentialHash, status: "open" | "decided" | null, afterOpen, afterId, limit}; after the open one of that id, or the
-- decided one. One more than the limit says that there is a next page.
create or replace function holdpoint.list_questions_v1(command json) returns json
language plpgsql volatile set search_path = '' as $$
declare
  who constant holdpoint.end_user_principal := holdpoint.identify_end_user_v1(command ->> 'credentialHash');
  at constant timestamptz := holdpoint.hp_now();
  how_many constant integer := (command ->> 'limit')::integer + 1;
  after_open constant boolean := (command ->> 'afterOpen')::boolean;
begin
  if who.org_id is null then return json_build_object('code', 'unauthorized'); end if;
  perform pg_catalog.set_config('hp.org_id', who.org_id, true);
  return json_build_object('code', 'ok', 'now', at, 'page', (
    select coalesce(json_agg(json_build_object('isOpen', p.is_open, 'hold', row_to_json(p.hold))
        order by p.is_open desc, (p.hold).id desc), '[]'::json) from (
      select * from (
        (select true as is_open, h as hold from holdpoint.holds h
          where h.end_user_id = who.end_user_id and h.org_id = who.org_id and h.kind in ('clarification', 'authorization')
            and h.status = 'pending' and (h.expires_at is null or h.expires_at > at)
            and coalesce(command ->> 'status', 'open') = 'open' and coalesce(after_open, true)
            and (after_open is null or h.id < command ->> 'afterId')
          order by h.id desc limit how_many)
        union all
        (select false, h from holdpoint.holds h
          where h.end_user_id = who.end_user_id and h.org_id = who.org_id and h.kind in ('clarification', 'authorization')
            and coalesce(h.decided_at, case when h.expires_at <= at then h.expires_at end) > at - interval '30 days'
            and coalesce(command ->> 'status', 'decided') = 'decided'
            and (coalesce(after_open, true) or h.id < command ->> 'afterId')
          order by h.id desc limit how_many)) both_kinds
      order by is_open desc, (hold).id desc limit how_many) p));
end $$;
revoke all on function holdpoint.list_questions_v1(json) from public;
grant execute on function holdpoint.list_questions_v1(json) to hp_app;
