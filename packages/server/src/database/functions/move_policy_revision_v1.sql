-- Something that evaluations depend on has changed: whatever was evaluated before is refused and evaluated anew.
create or replace function holdpoint.move_policy_revision_v1(org text) returns void
language sql volatile set search_path = '' as $$
  insert into holdpoint.policies as p (org_id, version, revision) values (org, 0, 1)
    on conflict (org_id) do update set revision = p.revision + 1
$$;
revoke all on function holdpoint.move_policy_revision_v1(text) from public;
grant execute on function holdpoint.move_policy_revision_v1(text) to hp_app;
