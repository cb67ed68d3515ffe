import pg from "pg";
import { CREATE_HOLD, DECIDE_HOLD, IN_TRANSACTIONS } from "../bare/statements.ts";
import type { Clients } from "./clients.ts";
import type { Cycle } from "./drive.ts";
import { PROPOSED_ACTION, type Target } from "./target.ts";

const ACTION = JSON.stringify(PROPOSED_ACTION);
const OUTCOME = JSON.stringify({ verdict: "approve", by: "bench" });

interface Runner {
  query(statement: {
    name?: string;
    text: string;
    values?: unknown[];
  }): Promise<{ rows: unknown[]; rowCount: number | null }>;
}

/** The bare statements on PostgreSQL, each client on a connection of its own. */
export function sqlClients(target: Extract<Target, { type: "sql" }>): Clients {
  const cycleOf = target.style === "transactions" ? transactionCycle : statementCycle;
  return connectedClients({ connectionString: target.url }, cycleOf);
}

/** Clients on connections of their own, opened when they are first taken. */
export function connectedClients(
  config: pg.ClientConfig,
  cycleOf: (connection: pg.Client) => Cycle,
): Clients {
  const connections: pg.Client[] = [];
  return {
    async take(count) {
      while (connections.length < count) {
        const connection = new pg.Client(config);
        await connection.connect();
        connections.push(connection);
      }
      return connections.slice(0, count).map(cycleOf);
    },
    close: async () => {
      await Promise.all(connections.map((connection) => connection.end()));
    },
  };
}

/** Two single statements. */
export function statementCycle(runner: Runner): Cycle {
  return async () => {
    const created = await runner.query({ ...CREATE_HOLD, values: [ACTION] });
    const decided = await runner.query({ ...DECIDE_HOLD, values: [idOf(created.rows), OUTCOME] });
    if (decided.rowCount !== 1) throw new Error("The hold was not pending.");
  };
}

function transactionCycle(runner: Runner): Cycle {
  const { insertHold, insertEvent, lockHold, updateHold } = IN_TRANSACTIONS;
  return async () => {
    await runner.query({ text: "begin" });
    const id = idOf((await runner.query({ ...insertHold, values: [ACTION] })).rows);
    await runner.query({ ...insertEvent, values: [id, "hold.created", ACTION] });
    await runner.query({ text: "commit" });

    await runner.query({ text: "begin" });
    const locked = await runner.query({ ...lockHold, values: [id] });
    if ((locked.rows[0] as { status: string }).status !== "pending")
      throw new Error("The hold was not pending.");
    await runner.query({ ...updateHold, values: [id, OUTCOME] });
    await runner.query({ ...insertEvent, values: [id, "hold.decided", OUTCOME] });
    await runner.query({ text: "commit" });
  };
}

function idOf(rows: unknown[]): string {
  return (rows[0] as { id: string }).id;
}
