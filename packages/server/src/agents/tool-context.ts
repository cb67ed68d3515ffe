import type { JsonObject } from "@holdpoint/protocol";

/** SQL on the service's database as role `hp_tools`: the tool's own tables, nothing of Holdpoint's. */
export interface ToolDatabase {
  /** One statement in a transaction of its own. Instants are text, bigints are numbers where they fit. */
  query<Row extends object = Record<string, unknown>>(text: string, values?: unknown[]): Promise<Row[]>;
  /**
   * Commits when `work` resolves, rolls back when it rejects. Keep it short, and use the given `query` only: the
   * embedded database has one connection, and everything else waits for it meanwhile.
   */
  transaction<T>(work: (tx: Pick<ToolDatabase, "query">) => Promise<T>): Promise<T>;
}

export interface ToolLogger {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

/** What a tool knows of the call that it executes. */
export interface ToolContext {
  orgId: string;
  agentId: string;
  runId: string;
  toolCallId: string;
  sessionId: string | null;
  /** The end user that the agent works for. */
  endUser: { id: string } | null;
  /** The run's own metadata, as it was given. */
  metadata: JsonObject | null;
  /** The same for every attempt of this call: give it to services that take one. */
  idempotencyKey: string;
  /** 1 for the first start. More only for tools declared `idempotent`, or when a person said to run it again. */
  attempt: number;
  /** Fires when the service stops or has lost the run to another instance. */
  signal: AbortSignal;
  logger: ToolLogger;
  database: ToolDatabase;
}
