-- DECIDES_FOR of the protocol's legality table; a test compares the two, cell by cell.
create or replace function holdpoint.may_decide_v1(role text, needed text) returns boolean
language sql immutable as $$
  select case needed
    when 'reviewer' then role in ('reviewer', 'manager', 'operator', 'admin')
    when 'manager' then role in ('manager', 'admin')
    when 'operator' then role in ('operator', 'admin')
    when 'admin' then role = 'admin'
    else false end
$$;
