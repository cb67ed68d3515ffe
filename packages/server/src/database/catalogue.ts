// Queries of the system catalogue about schema holdpoint. Each gives rows of one column `line`, in an order
// that depends on names only.

const RELATIONS = `select c.* from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = 'holdpoint' and not c.relispartition`;

/** `hp_app=r/owner` and the like, without the owner, whose name differs from one database to the next. */
function grants(acl: string, kind: string, owner: string): string {
  return `(select string_agg(format('%s %s', case g.grantee when 0 then 'public' else pg_get_userbyid(g.grantee) end,
      g.privileges), '; ' order by case g.grantee when 0 then 'public' else pg_get_userbyid(g.grantee) end)
    from (select a.grantee, string_agg(a.privilege_type, ',' order by a.privilege_type) as privileges
      from aclexplode(coalesce(${acl}, acldefault('${kind}', ${owner}))) a where a.grantee <> ${owner}
      group by a.grantee) g)`;
}

/** The owner where it matters: a definer function runs as it. The migrator's own name is not part of the schema. */
const FUNCTION_OWNER = `case when pg_get_userbyid(p.proowner) like 'hp\\_%' then pg_get_userbyid(p.proowner) else 'migrator' end`;

export const schemaQueries = {
  roles: `select format('%s%s%s%s', rolname, case when rolcanlogin then ' login' end,
      case when rolsuper then ' superuser' end, case when rolbypassrls then ' bypassrls' end) as line
    from pg_roles where rolname like 'hp\\_%' order by rolname`,

  "schema grants": `select ${grants("nspacl", "n", "nspowner")} as line from pg_namespace where nspname = 'holdpoint'`,

  domains: `select format('%s %s collate %s%s', t.typname, format_type(t.typbasetype, t.typtypmod), l.collname,
      (select string_agg(' ' || pg_get_constraintdef(k.oid), '' order by k.conname) from pg_constraint k
        where k.contypid = t.oid and k.contype = 'c')) as line
    from pg_type t join pg_namespace n on n.oid = t.typnamespace left join pg_collation l on l.oid = t.typcollation
    where n.nspname = 'holdpoint' and t.typtype = 'd' order by t.typname`,

  tables: `select format('%s%s%s%s', c.relname, ' partition by ' || pg_get_partkeydef(c.oid),
      case when c.relrowsecurity then ' row security' end, case when c.relforcerowsecurity then ' forced' end) as line
    from (${RELATIONS}) c where c.relkind in ('r', 'p') order by c.relname`,

  columns: `select format('%s.%s %s%s%s%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
      case when l.collname not in ('default', t.typcollname) then ' collate ' || l.collname end,
      case when a.attnotnull then ' not null' end, ' default ' || pg_get_expr(d.adbin, d.adrelid)) as line
    from (${RELATIONS}) c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    join (select t.oid, coalesce(tl.collname, '') as typcollname from pg_type t
      left join pg_collation tl on tl.oid = t.typcollation) t on t.oid = a.atttypid
    left join pg_collation l on l.oid = a.attcollation
    left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
    where c.relkind in ('r', 'p') order by c.relname, a.attnum`,

  // PostgreSQL 18 lists NOT NULL among the constraints; the columns say it already.
  constraints: `select format('%s: %s', c.relname, pg_get_constraintdef(k.oid)) as line
    from (${RELATIONS}) c join pg_constraint k on k.conrelid = c.oid
    where k.contype <> 'n' order by c.relname, k.contype, pg_get_constraintdef(k.oid) collate "C"`,

  indexes: `select pg_get_indexdef(i.indexrelid) as line
    from (${RELATIONS}) c join pg_index i on i.indrelid = c.oid
    where not exists (select from pg_constraint k where k.conindid = i.indexrelid)
    order by c.relname, pg_get_indexdef(i.indexrelid) collate "C"`,

  policies: `select format('%s: %s for %s to %s using %s check %s', c.relname, p.polname,
      case p.polcmd when '*' then 'all' when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' else 'delete' end,
      (select string_agg(case r.id when 0 then 'public' else pg_get_userbyid(r.id) end, ', ')
        from unnest(p.polroles) as r(id)),
      coalesce(pg_get_expr(p.polqual, p.polrelid), 'none'), coalesce(pg_get_expr(p.polwithcheck, p.polrelid), 'none')) as line
    from (${RELATIONS}) c join pg_policy p on p.polrelid = c.oid order by c.relname, p.polname`,

  "table grants": `select format('%s: %s', c.relname, ${grants("c.relacl", "r", "c.relowner")}) as line
    from (${RELATIONS}) c where c.relkind in ('r', 'p') order by c.relname`,

  triggers: `select pg_get_triggerdef(t.oid) as line
    from (${RELATIONS}) c join pg_trigger t on t.tgrelid = c.oid where not t.tgisinternal order by c.relname, t.tgname`,

  functions: `select format('%s(%s) returns %s %s%s%s owner %s config %s grants %s', p.proname,
      pg_get_function_identity_arguments(p.oid), pg_get_function_result(p.oid), l.lanname,
      case p.provolatile when 'i' then ' immutable' when 's' then ' stable' else ' volatile' end,
      case when p.prosecdef then ' security definer' end, ${FUNCTION_OWNER},
      coalesce(array_to_string(p.proconfig, ' '), 'none'), coalesce(${grants("p.proacl", "f", "p.proowner")}, 'none')) as line
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace join pg_language l on l.oid = p.prolang
    where n.nspname = 'holdpoint' order by p.proname, pg_get_function_identity_arguments(p.oid)`,
};

/** The columns of every table, with the type below a domain. */
export const columnsForTypes = `
  select c.relname as table, a.attname as column, coalesce(b.typname, t.typname) as type,
    not a.attnotnull as is_nullable, a.atthasdef as has_default
  from (${RELATIONS}) c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  join pg_type t on t.oid = a.atttypid left join pg_type b on b.oid = t.typbasetype and t.typtype = 'd'
  where c.relkind in ('r', 'p') order by c.relname, a.attnum`;
