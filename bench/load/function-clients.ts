import { createHash } from "node:crypto";
import { createId } from "@holdpoint/protocol";
import pg from "pg";
import type { Clients } from "./clients.ts";
import { connectedClients } from "./sql-clients.ts";
import type { Target } from "./target.ts";

interface Answer {
  rows: { result: { code: string } }[];
}

/** A hold that the service itself created, whose columns every further one repeats. */
interface Template {
  id: string;
  action_hash: string;
  [column: string]: unknown;
}

/**
 * Holdpoint's two functions, called as its service calls them: what its statements cost without its HTTP. Tells where
 * the time of a cycle goes. Needs one hold in the database to start from.
 */
export async function functionClients(target: Extract<Target, { type: "functions" }>): Promise<Clients> {
  const config = { connectionString: target.url, options: "-c role=hp_app -c TimeZone=UTC" };
  const template = await readTemplate(target.url, target.orgId);
  const agent = { credentialHash: sha256(target.agentKey), orgId: target.orgId };
  const person = { credentialHash: sha256(target.operatorKey), verdict: "approve", via: "api" };
  return connectedClients(config, (connection) => async () => {
    const holdId = createId("hold");
    await call(connection, "create_hold_v1", {
      ...agent,
      hold: { ...template, id: holdId },
      timeoutSeconds: 3_600,
      respondSeconds: 600,
      eventId: createId("evt"),
    });
    await call(connection, "decide_v1", {
      ...person,
      holdId,
      actionHash: template.action_hash,
      decisionId: createId("dec"),
      eventId: createId("evt"),
    });
  });
}

async function call(connection: pg.Client, name: string, command: object): Promise<void> {
  const text = `select holdpoint.${name}($1) as result`;
  const { rows }: Answer = await connection.query({ name, text, values: [command] });
  if (rows[0]?.result.code !== "ok") throw new Error(`${name}: ${JSON.stringify(rows[0])}`);
}

async function readTemplate(url: string, orgId: string): Promise<Template> {
  const owner = new pg.Client(url);
  await owner.connect();
  try {
    const { rows } = await owner.query<{ hold: Template }>(
      // It was decided in the meantime; the next one is not.
      `select row_to_json(h)::jsonb || '{"decided_at": null, "outcome": null}' as hold
       from holdpoint.holds h where org_id = $1 limit 1`,
      [orgId],
    );
    if (rows[0] === undefined) throw new Error("There is no hold to start from.");
    return rows[0].hold;
  } finally {
    await owner.end();
  }
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
