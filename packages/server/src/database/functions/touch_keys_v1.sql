-- Writes when keys were last used, many at once. uses: {credentialHash: seconds ago}
create or replace function holdpoint.touch_keys_v1(uses json) returns integer
language plpgsql volatile security definer set search_path = '' as $$
declare
  at timestamptz := holdpoint.hp_now();
  touched integer;
begin
  update holdpoint.api_keys k
    set last_used_at = greatest(k.last_used_at, at - make_interval(secs => u.value::double precision))
    from json_each_text(uses) u where k.hash = u.key;
  get diagnostics touched = row_count;
  return touched;
end $$;
alter function holdpoint.touch_keys_v1(json) owner to hp_definer;
revoke all on function holdpoint.touch_keys_v1(json) from public;
grant execute on function holdpoint.touch_keys_v1(json) to hp_app;
