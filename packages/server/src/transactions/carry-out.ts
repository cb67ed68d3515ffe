import {
  createId,
  HoldpointError,
  toJsonValue,
  type Hold,
  type JsonObject,
  type JsonValue,
} from "@holdpoint/protocol";
import type { Logger } from "pino";
import { setTimeout as delay } from "node:timers/promises";
import { storableText } from "../agents/models/storable-text.ts";
import type { Database } from "../database/database.ts";
import { isConnectionLoss } from "../database/database-error.ts";
import { renderHold, type HoldRow } from "../holds/hold-row.ts";
import { createToolDatabase } from "../runs/tool-database.ts";
import type { ExecutionRow } from "./execution.ts";
import { TRANSACTION_ACTION, type DefinedService } from "./service.ts";

export interface CarryOutDeps {
  database: Database;
  logger: Logger;
  published(orgId: string, hold: Hold): void;
  /** Fires when the service stops: what cannot be recorded by then stays unknown. */
  stopping: AbortSignal;
}

export interface Begun {
  service: DefinedService;
  /** As it was parsed: the bytes that were approved, or that may proceed (I1). */
  payload: JsonObject;
  intent: string | null;
  execution: ExecutionRow;
}

type Ending =
  | { status: "executed"; result: JsonValue }
  | { status: "failed"; error: JsonObject }
  | { status: "unknown" };

const RECORD_AGAIN_MS = 1_000;
const MAX_ERROR_CHARACTERS = 4_000;

/**
 * Carries out what was begun, once, and records how it ended. By the service's timeout at the latest: then the end is unknown,
 * until the service says it after all.
 */
export function carryOut(deps: CarryOutDeps, begun: Begun): Promise<ExecutionRow> {
  const { service } = begun;
  const given = new AbortController();
  const running = execute(deps, begun, given.signal);
  const finished = running.then((ending) => record(deps, begun, ending));
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<ExecutionRow>((resolve, reject) => {
    timer = setTimeout(() => {
      given.abort(new Error(`${service.id} took longer than ${service.timeoutSeconds} s.`));
      deps.logger.error(
        { executionId: begun.execution.id, holdId: begun.execution.hold_id },
        `${service.id} did not end within ${service.timeoutSeconds} s; whether it was carried out is unknown.`,
      );
      record(deps, begun, { status: "unknown" }).then(resolve, reject);
    }, service.timeoutSeconds * 1_000);
  });
  finished.catch((error: unknown) =>
    deps.logger.error(
      { err: error, executionId: begun.execution.id },
      `How ${service.id} ended is not recorded.`,
    ),
  );
  return Promise.race([finished, tooLong]).finally(() => clearTimeout(timer));
}

/** Never throws: what the service throws is its failure. */
async function execute(
  { database, logger }: CarryOutDeps,
  { service, payload, intent, execution }: Begun,
  signal: AbortSignal,
): Promise<Ending> {
  let result: unknown;
  try {
    result = await service.execute(structuredClone(payload), {
      orgId: execution.org_id,
      agentId: execution.agent_id,
      transactionId: execution.transaction_id,
      intent,
      idempotencyKey: execution.id,
      signal,
      logger,
      database: createToolDatabase(database),
    });
  } catch (error) {
    logger.error({ err: error, executionId: execution.id }, `Service ${service.id} failed.`);
    // Told to stop, it may have broken off anywhere: nobody says that it did nothing.
    if (signal.aborted) return { status: "unknown" };
    return { status: "failed", error: { code: "service_failed", message: readable(error) } };
  }
  try {
    return { status: "executed", result: toJsonValue(result ?? null) };
  } catch (error) {
    // It was carried out all the same.
    logger.error(
      { err: error, executionId: execution.id },
      `The result of service ${service.id} is no JSON.`,
    );
    return { status: "executed", result: null };
  }
}

function readable(error: unknown): string {
  const message = storableText(error instanceof Error ? error.message : String(error));
  return message.slice(0, MAX_ERROR_CHARACTERS) || "It failed without saying why.";
}

/** However long the database is away meanwhile: forgotten here, nobody would know it (I2). */
async function record(
  deps: CarryOutDeps,
  { service, execution }: Begun,
  ending: Ending,
): Promise<ExecutionRow> {
  const { status, ...said } = ending;
  const command = {
    orgId: execution.org_id,
    executionId: execution.id,
    status,
    execution:
      status === "unknown" ? null : { status: status === "executed" ? "succeeded" : "failed", ...said },
    actionName: TRANSACTION_ACTION,
    counterparty: service.id,
    eventId: createId("evt"),
  };
  for (;;) {
    try {
      const answer = (await deps.database.callIdempotent("end_execution_v1", command)) as {
        code: string;
        now: string;
        execution: ExecutionRow;
        hold?: HoldRow | null;
      };
      if (answer.hold != null) deps.published(answer.hold.org_id, renderHold(answer.hold, answer.now));
      return answer.execution;
    } catch (error) {
      const isPassing = isConnectionLoss(error) || (HoldpointError.isInstance(error) && error.retryable);
      if (!isPassing || deps.stopping.aborted) throw error;
      deps.logger.error({ err: error }, `How ${service.id} has ended cannot be recorded yet; trying again.`);
      await delay(RECORD_AGAIN_MS);
    }
  }
}
