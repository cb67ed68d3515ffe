create or replace function holdpoint.may_read_holds_v1(kind text, scopes text[]) returns boolean
language sql immutable set search_path = '' as
$$ select kind in ('session', 'operator') or scopes && array['holds:create', 'holds:read', 'runs:*', 'decisions:relay'] $$;
