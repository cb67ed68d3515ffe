-- What a call has asked so far and how that stands, and what it keeps from earlier attempts: all that it needs to start again
-- and come as far as before without doing anything twice (I2).
create or replace function holdpoint.asks_of_call_v1(org text, call_id text) returns json
language sql stable set search_path = '' as $$
  select json_build_object(
    'asks', (select coalesce(json_agg(json_build_object('id', a.id, 'key', a.key, 'occurrence', a.occurrence,
        'questionHash', a.question_hash, 'holdId', a.hold_id, 'attempt', a.attempt, 'status', h.status, 'question', h.question,
        'answer', h.outcome -> 'answer', 'comment', h.outcome -> 'comment') order by a.attempt, a.id), '[]'::json)
      from holdpoint.asks a join holdpoint.holds h on h.org_id = a.org_id and h.id = a.hold_id
      where a.org_id = org and a.tool_call_id = call_id),
    'once', (select coalesce(json_object_agg(o.name, o.value), '{}'::json) from holdpoint.once_results o
      where o.org_id = org and o.tool_call_id = call_id))
$$;
revoke all on function holdpoint.asks_of_call_v1(text, text) from public;
grant execute on function holdpoint.asks_of_call_v1(text, text) to hp_app;
