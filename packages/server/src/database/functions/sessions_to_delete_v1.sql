-- Over all organisations: sessions whose deletion was begun and not finished, and, where days is given, those that were not used for
-- so long and in which nothing goes on. [{orgId, sessionId}]
create or replace function holdpoint.sessions_to_delete_v1(days double precision, count_limit integer) returns json
language plpgsql volatile security definer set search_path = '' as $$
declare
  begun_before constant timestamptz := holdpoint.hp_now() - interval '1 minute';
  used_before constant timestamptz := holdpoint.hp_now() - make_interval(secs => days * 86400);
begin
  return (select coalesce(json_agg(json_build_object('orgId', p.org_id, 'sessionId', p.id)), '[]'::json) from (
    (select s.org_id, s.id from holdpoint.sessions s where s.deleting_at is not null and s.deleting_at < begun_before
      order by s.deleting_at limit count_limit)
    union all
    (select s.org_id, s.id from holdpoint.sessions s where s.deleting_at is null and s.last_used_at < used_before
      and not exists (select from holdpoint.runs r where r.session_id = s.id and r.org_id = s.org_id and coalesce(r.ended_at > used_before, true))
      and not exists (select from holdpoint.holds h where h.session_id = s.id and h.org_id = s.org_id and h.session_id is not null
        and coalesce(h.decided_at > used_before, true))
      order by s.last_used_at limit count_limit)) p limit count_limit);
end $$;
alter function holdpoint.sessions_to_delete_v1(double precision, integer) owner to hp_definer;
revoke all on function holdpoint.sessions_to_delete_v1(double precision, integer) from public;
grant execute on function holdpoint.sessions_to_delete_v1(double precision, integer) to hp_app;
