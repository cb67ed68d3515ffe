import type { TestStore } from "../../src/testing/stores.ts";

/** Every table of ours in which the text is found, whatever tables there will be. */
export async function tablesWith(store: TestStore, text: string): Promise<string[]> {
  return store.database.ownerSession(async (owner) => {
    const { rows: tables } = await owner.query<{ name: string }>(
      "select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'holdpoint' and c.relkind in ('r', 'p') and not c.relispartition order by 1",
    );
    const found: string[] = [];
    for (const { name } of tables) {
      const {
        rows: [row],
      } = await owner.query<{ n: number }>(
        `select count(*)::int as n from holdpoint."${name}" t where t::text like $1`,
        [`%${text}%`],
      );
      if ((row?.n ?? 0) > 0) found.push(name);
    }
    return found;
  });
}
