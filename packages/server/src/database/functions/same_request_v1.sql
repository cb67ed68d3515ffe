-- Whether a request is the one that was kept: both are "<idempotency key> <hash of the body>". Null for another key, false
-- for the same key with another body.
create or replace function holdpoint.same_request_v1(kept text, given text) returns boolean
language sql immutable set search_path = '' as $$
  select case when split_part(kept, ' ', 1) = split_part(given, ' ', 1) then kept = given end
$$;
revoke all on function holdpoint.same_request_v1(text, text) from public;
grant execute on function holdpoint.same_request_v1(text, text) to hp_app;
