import type pg from "pg";

export interface Table {
  /** Quoted, with its schema. */
  name: string;
  columns: { name: string; type: string }[];
  /** Its sequence, where a column counts by itself. */
  identity: { column: string; sequence: string } | null;
  /** Row-level security holds for its owner too. */
  isForced: boolean;
}

/** What each database writes for itself. */
const OWN = ["migrations", "function_files"];

const TABLES = `
  select format('%I.%I', n.nspname, c.relname) as name, c.relforcerowsecurity as "isForced",
    (select json_agg(json_build_object('name', quote_ident(a.attname), 'type', format_type(a.atttypid, a.atttypmod)) order by a.attnum)
      from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns,
    (select json_build_object('column', quote_ident(a.attname),
        'sequence', pg_get_serial_sequence(format('%I.%I', n.nspname, c.relname), a.attname))
      from pg_attribute a where a.attrelid = c.oid and a.attidentity <> '' and not a.attisdropped limit 1) as identity,
    (select count(*) from pg_constraint k where k.conrelid = c.oid and k.contype = 'f') as keys
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = any ($1) and c.relkind in ('r', 'p') and not c.relispartition
    and not (n.nspname = 'holdpoint' and c.relname = any ($2))
  -- What others refer to comes first.
  order by keys, name`;

/** The tables of those schemas, from the catalogue. Run as the owner. */
export async function listTables(
  owner: pg.ClientBase,
  schemas: readonly string[] = ["holdpoint", "auth"],
): Promise<Table[]> {
  // Types with their schema, whatever the search path is.
  await owner.query("set search_path = ''");
  const { rows } = await owner.query<Table>(TABLES, [schemas, OWN]);
  return rows;
}

const PARTITIONS = `
  select c.relname as name, pg_get_expr(c.relpartbound, c.oid) as bound from pg_inherits i
  join pg_class c on c.oid = i.inhrelid where i.inhparent = 'holdpoint.events'::regclass order by name`;

/** The months of the log, as `ensure_event_partition_v1` takes them. */
export async function listPartitions(
  owner: pg.ClientBase,
): Promise<{ suffix: string; lower: string; upper: string }[]> {
  const { rows } = await owner.query<{ name: string; bound: string }>(PARTITIONS);
  return rows.flatMap(({ name, bound }) => {
    const suffix = /^events_(\d{6})$/.exec(name)?.[1];
    const [, lower, upper] = /FROM \('(evt_\w+)'\) TO \('(evt_\w+)'\)/.exec(bound) ?? [];
    return suffix === undefined || lower === undefined || upper === undefined
      ? []
      : [{ suffix, lower, upper }];
  });
}
