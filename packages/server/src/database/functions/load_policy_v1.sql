-- The policy in force with the version that runs beside it, and the revision that all of it is of. One snapshot: the
-- revision is that of these documents and of no others.
create or replace function holdpoint.load_policy_v1(org text) returns json
language plpgsql volatile set search_path = '' as $$
begin
  perform pg_catalog.set_config('hp.org_id', org, true);
  return coalesce((select json_build_object('now', holdpoint.hp_now(), 'version', p.version, 'revision', p.revision, 'document', v.document,
      'shadowVersion', p.shadow_version, 'shadowDocument', s.document, 'configHash', p.config_hash,
      -- Read always: an evaluation without them would let through what a switch holds.
      'switches', (select coalesce(json_agg(json_build_object('scope', o.scope, 'subject', o.subject, 'reason', o.reason,
          'by', o.given_by ->> 'name', 'since', o.created_at)), '[]'::json)
        from holdpoint.standing_orders o where o.org_id = org and o.kind = 'hold' and o.lifted_at is null))
    from holdpoint.policies p
    left join holdpoint.policy_versions v on v.org_id = p.org_id and v.version = p.version
    left join holdpoint.policy_versions s on s.org_id = p.org_id and s.version = p.shadow_version
    where p.org_id = org), json_build_object('now', holdpoint.hp_now(), 'version', 0, 'revision', 0));
end $$;
revoke all on function holdpoint.load_policy_v1(text) from public;
grant execute on function holdpoint.load_policy_v1(text) to hp_app;
