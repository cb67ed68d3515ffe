create or replace function holdpoint.may_read_runs_v1(kind text, scopes text[]) returns boolean
language sql immutable set search_path = '' as
$$ select kind in ('session', 'operator') or scopes && array['runs:*', 'runs:read'] $$;
