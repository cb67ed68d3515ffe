import type { Evaluation, PolicyFacts } from "@holdpoint/core";
import { canonicalJson, createId, STRENGTHS, type JsonObject, type JsonValue } from "@holdpoint/protocol";
import type { Logger } from "pino";
import type { Database } from "../database/database.ts";
import { Trouble } from "../database/trouble.ts";
import type { Wakeups } from "../events/wakeups.ts";
import type { HoldRow } from "../holds/hold-row.ts";
import { newHoldRow, type NewHoldRow } from "../holds/new-hold.ts";
import { ruleOn, type PolicyDeps } from "./ruling.ts";
import { recalledFacts, recalledProblem } from "./stored-facts.ts";

/**
 * Asks the policy again about holds that wait while it changes (I8).
 *
 * Owns: when it looks. Does not own: any hold; each is compared and written under its own lock, so that any number of
 * instances may look at once and each hold is asked about again once.
 *
 *  R1. A hold notes the policy's version that it was looked at under; what is behind is found again after a crash.
 *  R2. Where level, route, quorum, separation or strength differ, or silence would release it and now does not, earlier
 *      votes count no more, and the hold is asked as the policy now wants it. Otherwise it stays as it was shown.
 *  R3. What would proceed by itself now stays held: a person was asked.
 */
export interface Reevaluation {
  /** Looks now, and from then on every while: a hold may be committed while the policy changes. */
  start(): void;
  stop(): Promise<void>;
  /** A policy was changed. Returns at once. */
  look(): void;
  /** Looks at everything that is behind; resolves to how many holds are asked otherwise now. */
  run(): Promise<number>;
}

export interface ReevaluationOptions extends PolicyDeps {
  database: Database;
  wakeups: Wakeups;
  logger: Logger;
  /** Default 30 s. */
  intervalMs?: number;
}

const BATCH = 100;

export function createReevaluation(options: ReevaluationOptions): Reevaluation {
  const { database, logger } = options;
  const trouble = new Trouble(logger, "Holds could not be compared with the changed policy; trying again.");
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<unknown> | undefined;
  let isAskedAgain = false;
  let isStopped = true;

  async function run(): Promise<number> {
    let changed = 0;
    let [org, id] = ["", ""];
    for (;;) {
      const holds = (await database.call("holds_to_reevaluate_v1", org, id, BATCH)) as HoldRow[];
      for (const hold of holds) {
        if (isStopped) return changed;
        if (await reevaluateHold(options, hold)) changed += 1;
      }
      const last = holds.at(-1);
      if (last === undefined || holds.length < BATCH) return changed;
      [org, id] = [last.org_id, last.id];
    }
  }

  function look(): void {
    if (isStopped) return;
    isAskedAgain = true;
    running ??= lookAgain().finally(() => {
      running = undefined;
      if (isAskedAgain && !isStopped) look();
    });
  }

  async function lookAgain(): Promise<void> {
    isAskedAgain = false;
    try {
      const changed = await run();
      if (changed > 0) logger.warn({ changed }, "Holds are asked again under the changed policy.");
      trouble.over();
    } catch (error) {
      trouble.met(error);
    }
  }

  return {
    look,
    async run() {
      const before = isStopped;
      isStopped = false;
      try {
        return await run();
      } finally {
        isStopped = before;
      }
    },
    start() {
      isStopped = false;
      timer = setInterval(look, options.intervalMs ?? 30_000);
      look();
    },
    async stop() {
      isStopped = true;
      clearInterval(timer);
      await running;
    },
  };
}

const MAX_ATTEMPTS = 3;

/** True when the hold is asked otherwise from now on. */
async function reevaluateHold(options: ReevaluationOptions, hold: HoldRow): Promise<boolean> {
  const { database, policies, wakeups } = options;
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const policy = await policies.get(hold.org_id);
    if (policy.version <= hold.policy_version) {
      await policies.forget(hold.org_id, policy.revision);
      continue;
    }
    const { evaluation } = await ruleOn(options, policy, {
      orgId: hold.org_id,
      facts: factsOfHold(hold, policies.now()),
      problem: recalledProblem(hold.facts),
    });
    const change = changeOf(hold, evaluation);
    const answer = (await database.callIdempotent("reevaluate_hold_v1", {
      orgId: hold.org_id,
      holdId: hold.id,
      holdVersion: hold.version,
      policyVersion: policy.version,
      policyRevision: policy.revision,
      eventId: createId("evt"),
      ...(change !== undefined && {
        change: change.columns,
        timeoutSeconds: evaluation.timeoutSeconds,
        respondSeconds: evaluation.respondSeconds,
        before: change.before,
        after: change.after,
      }),
    })) as { code: "ok" | "gone" | "policy_outdated" };
    if (answer.code !== "policy_outdated") {
      const isChanged = answer.code === "ok" && change !== undefined;
      if (isChanged) wakeups.publish([`hold:${hold.id}`, `org:${hold.org_id}`]);
      return isChanged;
    }
    await policies.forget(hold.org_id, policy.revision);
  }
  return false; // The next look finds it again.
}

/** Holds of before facts were kept are asked about by what their rows say. */
export function factsOfHold(hold: HoldRow, now: string): PolicyFacts {
  const action = { name: hold.action?.name ?? "", arguments: hold.action?.arguments ?? {} };
  if (hold.facts !== null) return recalledFacts(hold.facts, action, now);
  return {
    action: {
      ...action,
      reversibility: hold.reversibility ?? undefined,
      impact: hold.impact ?? undefined,
      value: hold.value ?? undefined,
      requiresConfirmation: true,
    },
    agentId: hold.agent_id ?? undefined,
    endUserId: hold.end_user_id ?? undefined,
    now,
  };
}

interface HoldChange {
  columns: Partial<NewHoldRow>;
  before: JsonObject;
  after: JsonObject;
}

/** What a decision is bound to besides the action (I8); undefined where all of it is the same. */
function changeOf(hold: HoldRow, evaluation: Evaluation): HoldChange | undefined {
  if (!evaluation.held) return undefined;
  const before = {
    level: hold.level ?? evaluation.level,
    route: hold.route as unknown as JsonValue,
    quorum: { required: hold.quorum_required, refusals: hold.quorum_refusals },
    separation: hold.separation,
    strength: STRENGTHS[hold.strength] ?? "L3",
  };
  const after = {
    level: evaluation.level,
    route: evaluation.route as unknown as JsonValue,
    quorum: { ...evaluation.quorum },
    separation: evaluation.separation,
    strength: evaluation.strength,
  };
  const isReleasedBySilence = hold.on_timeout === "approve" && evaluation.onTimeout !== "approve";
  if (canonicalJson(before) === canonicalJson(after) && !isReleasedBySilence) return undefined;
  const { tier, rule, onTimeout } = evaluation;
  return {
    columns: columnsOf(hold, evaluation),
    before: {
      ...before,
      tier: hold.tier,
      rule: hold.rule,
      onTimeout: hold.on_timeout,
      policyVersion: hold.policy_version,
    },
    after: { ...after, tier, rule, onTimeout },
  };
}

/** The columns that come of an evaluation, as a new hold would have them. What is asked about stays as it was. */
function columnsOf(hold: HoldRow, evaluation: Evaluation): Partial<NewHoldRow> {
  const { id, kind } = hold;
  const columns: Partial<NewHoldRow> = newHoldRow({ id, kind, evaluation });
  for (const name of Object.keys(columns) as (keyof NewHoldRow)[])
    if (!OF_EVALUATION.has(name)) delete columns[name];
  return columns;
}

const OF_EVALUATION: ReadonlySet<keyof NewHoldRow> = new Set([
  "tier",
  "level",
  "rule",
  "route",
  "route_role",
  "separation",
  "quorum_required",
  "quorum_refusals",
  "strength",
  "channels",
  "remind_every_seconds",
  "ladder",
  "step_seconds",
  "askable",
  "may_grant",
  "reasons",
  "reversibility",
  "impact",
  "on_timeout",
]);
