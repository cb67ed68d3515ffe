-- Takes one model call out of a bucket that all instances share (R244). 0: go; otherwise the seconds to wait. The bucket
-- holds a minute's worth and fills evenly.
create or replace function holdpoint.take_model_call_v1(bucket text, per_minute double precision) returns double precision
language plpgsql volatile set search_path = '' as $$
declare
  at constant timestamptz := holdpoint.hp_now();
  available double precision;
begin
  insert into holdpoint.model_limits as l (name, tokens, updated_at) values (bucket, per_minute, at)
    on conflict (name) do update set updated_at = greatest(l.updated_at, at),
      tokens = least(per_minute, l.tokens + greatest(0, extract(epoch from at - l.updated_at)) * per_minute / 60)
    returning l.tokens into available;
  if available < 1 then return (1 - available) * 60 / per_minute; end if;
  update holdpoint.model_limits l set tokens = l.tokens - 1 where l.name = bucket;
  return 0;
end $$;
revoke all on function holdpoint.take_model_call_v1(text, double precision) from public;
grant execute on function holdpoint.take_model_call_v1(text, double precision) to hp_app;
