import type { JsonObject, JsonValue } from "@holdpoint/protocol";
import type { Connect } from "../connections/tool-connection.ts";
import type { ToolAsks } from "../clarifications/tool-asks.ts";

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

/** Whom a run works for, as the app has told it (`PUT /v1/end-users/{id}`) when this step of the run began. */
export interface ToolEndUser {
  id: string;
  name: string | null;
  email: string | null;
  phone: string | null;
  additionalData: JsonObject;
  preferences: JsonObject;
}

/** What is known of a call, also before it may start: what confirmation and evidence go by. */
export interface CallContext {
  orgId: string;
  agentId: string;
  runId: string;
  toolCallId: string;
  sessionId: string | null;
  /** The end user that the agent works for. */
  endUser: ToolEndUser | null;
  /** The run's own metadata, as it was given. */
  metadata: JsonObject | null;
  /** The same for every attempt of this call: give it to services that take one. */
  idempotencyKey: string;
  /**
   * 1 for the first start. More after a question of the tool's own was answered; else only for tools declared `idempotent`,
   * or when a person said to run it again.
   */
  attempt: number;
  /** Fires when the service stops, has lost the run to another instance, or the call waits for an answer. */
  signal: AbortSignal;
  logger: ToolLogger;
  database: ToolDatabase;
}

/** What a tool has while it executes its call. */
export interface ToolContext extends CallContext {
  /** Asks a person, and gives back the answer; the call starts again in between. */
  ask: ToolAsks;
  /** The end user's account at a provider: a fresh token, or they are asked to sign in there first. */
  connection: Connect;
  /** The answer to the question that the tool has returned last; undefined as long as there is none. */
  answer: JsonValue | undefined;
  /**
   * Runs `work` once in this call, however often it starts, and gives back its value (as JSON). The value is kept before it is
   * given back; what throws is not kept. Only a process that dies in the middle of `work` leaves open whether it was done.
   */
  once: <T>(name: string, work: () => T | Promise<T>) => Promise<Awaited<T>>;
}
