import type { Database, Transaction } from "../database/database.ts";
import type { ToolDatabase } from "../agents/tool-context.ts";

/** SQL for tools: always in a transaction, in which the role is `hp_tools` and nothing of Holdpoint's can be seen. */
export function createToolDatabase(database: Database): ToolDatabase {
  async function asTools<T>(work: (tx: Pick<ToolDatabase, "query">) => Promise<T>): Promise<T> {
    return database.transaction(async (tx) => {
      await tx.query("set local role hp_tools");
      return work(queriesOf(tx));
    });
  }
  return {
    transaction: asTools,
    query: (text, values) => asTools((tx) => tx.query(text, values)),
  };
}

/**
 * By the extended protocol, which takes one statement at a time: words of a model that a tool pasted into its SQL
 * cannot append `; reset role; …`.
 */
function queriesOf(tx: Transaction): Pick<ToolDatabase, "query"> {
  return {
    async query<Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> {
      const statement = { text, values, queryMode: "extended" };
      const { rows } = await tx.client.query<Row>(statement);
      return rows;
    },
  };
}
