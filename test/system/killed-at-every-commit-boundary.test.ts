// kill -9 of the service before, during and after every commit of a held run, and a restart. The story is then brought
// to its end by answering what is asked, as a person would. Each process of a store finishes the story over which its
// predecessor died, and dies over the next one.
import type { DecisionInput, Hold, HoldpointEvent, Run } from "@holdpoint/protocol";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { randomUUID } from "node:crypto";
import { afterAll, expect, test } from "vitest";
import { openTestStore, type TestStore } from "../../packages/server/src/testing/stores.ts";
import { describePoint, PHASES, type CommitPoint } from "./commit-points.ts";
import { pendingHolds, shown } from "./http-door.ts";
import { Lineage } from "./lineage.ts";
import { endAll, temporaryFolder } from "./service-process.ts";

/** Decided to be deleted, of the 50 that the agent wanted to delete. */
const DECIDED = 10;

/** Every commit of the story, in order: what is counted by itself, then one deletion and one notification held. */
const COMMITS = (
  "create 1, take 1, begin 1, turn 1, start 1, tool 1, executed 1, finish 1, hold 1, " +
  "decide 1, take 2, hold 2, decide 2, take 3, resume 1, " +
  "start 2, tool 2, executed 2, finish 2, start 3, executed 3, finish 3, tell 1, turn 2"
).split(", ");

/** What a request begins with, and what a tool has done but not committed. */
const HAVE_A_BEFORE = ["create", "decide", "tool"];

/** Before any other commit is after its predecessor: what dies with the process makes no difference. */
function pointsOf(commit: string): CommitPoint[] {
  const [name = "", occurrence] = commit.split(" ");
  const phases = PHASES.filter((phase) => {
    if (phase === "before") return HAVE_A_BEFORE.includes(name);
    // Which look for due runs finds one is known afterwards; "executed" is no commit, but a tool's effect elsewhere.
    return phase === "after" || !["take", "executed"].includes(name);
  });
  return phases.map((phase) => ({ name, occurrence: Number(occurrence), phase }));
}

const POINTS = COMMITS.flatMap(pointsOf);

interface Mortal {
  lineage: Lineage;
  outbox: () => { toolCallId: string }[];
  end: () => Promise<void>;
}

async function embedded(): Promise<Mortal> {
  const folder = temporaryFolder();
  const outboxPath = join(folder.path, "outbox.jsonl");
  const env = { HOLDPOINT_DATA_DIR: folder.path, RECORDS_OUTBOX: outboxPath };
  const lineage = new Lineage(env, async () => undefined);
  return { lineage, outbox: () => readLines(outboxPath), end: endOf(lineage, folder) };
}

async function postgres(): Promise<Mortal> {
  const folder = temporaryFolder();
  const store = await openTestStore("postgres");
  const outboxPath = join(folder.path, "outbox.jsonl");
  const env = { DATABASE_URL: store.url, RECORDS_OUTBOX: outboxPath };
  const lineage = new Lineage(env, () => lapse(store));
  return { lineage, outbox: () => readLines(outboxPath), end: endOf(lineage, folder, store) };
}

/** What fifteen seconds do to the lease of a dead worker. */
function lapse({ database }: TestStore): Promise<void> {
  return database.ownerSession(async (owner) => {
    await owner.query("begin");
    await owner.query("set local role hp_definer");
    await owner.query(
      "update holdpoint.runs set lease_until = clock_timestamp() where lease_until is not null",
    );
    await owner.query("commit");
  });
}

function endOf(lineage: Lineage, folder: { remove(): void }, store?: { close(): Promise<void> }) {
  return async () => {
    await lineage.end();
    await store?.close();
    folder.remove();
  };
}

function readLines<Line>(path: string): Line[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);
}

/** What was acknowledged, and what was found to be done when it was decided. */
interface Told {
  run: Run;
  acknowledged: Hold[];
  /** How many questions came up about what nobody knew. */
  doubts: number;
}

/** Asks, and answers whatever is asked until the run has ended. */
async function tellStory({ lineage, outbox }: Mortal): Promise<Told> {
  const key = randomUUID();
  const { id } = await lineage.persist((door) =>
    door.startRun("keeper", "count; delete 50; notify ada", key),
  );
  const acknowledged: Hold[] = [];
  let doubts = 0;
  for (;;) {
    const run = await lineage.persist((door) => door.settled(id));
    const [hold] = pendingHolds(run);
    if (hold === undefined) return { run, acknowledged, doubts };
    const done = await isDone(hold.toolCallId ?? "");
    if (hold.kind === "approval") {
      expect(done, `${hold.title} has happened before it was decided`).toBe(false);
      const decision =
        hold.action?.name === "delete_records"
          ? ({ verdict: "modify", modifications: { count: DECIDED } } as const)
          : ({ verdict: "approve" } as const);
      await decide(hold, { ...decision, ...shown(hold) });
    } else {
      doubts += 1;
      await decide(hold, { verdict: "answer", answer: { executed: done ? "succeeded" : "retry" } });
    }
    // The worker looks at the decision and waits for the other one: that is a commit too, and not to be overtaken.
    if (lineage.isDoomed && pendingHolds(run).length > 1) await lineage.committed("hold", 2);
  }

  async function decide(hold: Hold, decision: DecisionInput): Promise<void> {
    const decisionKey = randomUUID();
    acknowledged.push(await lineage.persist((door) => door.decide(hold, decision, decisionKey)));
  }

  /** A look at the table and at the outbox, as a person would take one. */
  async function isDone(callId: string): Promise<boolean> {
    const rows = await lineage.query(`select 1 from public.deletions where call_id = '${callId}' limit 1`);
    return rows.length > 0 || outbox().some(({ toolCallId }) => toolCallId === callId);
  }
}

async function verify(mortal: Mortal, { run, acknowledged, doubts }: Told): Promise<void> {
  const { lineage, outbox } = mortal;
  expect(run).toMatchObject({ status: "completed", endReason: "end_turn" });
  expect(run.toolCalls.map(({ name, status }) => [name, status])).toEqual([
    ["count_records", "succeeded"],
    ["delete_records", "succeeded"],
    ["send_notification", "succeeded"],
  ]);
  const callIds = run.toolCalls.map(({ id }) => id);
  // No row twice, none too many, none too few: in one go, of the one call that was decided.
  const deletions = await lineage.query<{ attempt: number; rows: number }>(
    `select attempt, count(*)::int as rows from public.deletions where call_id = '${callIds[1]}' group by attempt`,
  );
  expect(deletions.map(({ rows }) => rows)).toEqual([DECIDED]);
  expect(outbox().filter(({ toolCallId }) => toolCallId === callIds[2])).toHaveLength(1);
  // What was acknowledged counts, word for word, and is the only decision.
  expect(acknowledged).toHaveLength(2 + doubts);
  for (const decided of acknowledged) {
    const { status, outcome, decisions } = await lineage.persist((door) =>
      door.ask<Hold & { decisions: unknown[] }>("GET", `/v1/holds/${decided.id}`),
    );
    expect({ status, outcome }).toEqual({ status: decided.status, outcome: decided.outcome });
    expect(decisions).toHaveLength(1);
  }
  expect(run.holds.map(({ id }) => id).toSorted()).toEqual(acknowledged.map(({ id }) => id).toSorted());
  verifyAudit(run, await lineage.persist((door) => door.audit(run.id)));
}

/** The log alone tells the whole story, without a gap and without anything twice. */
function verifyAudit(run: Run, events: readonly HoldpointEvent[]): void {
  const types = events.map(({ type }) => type);
  const ids = events.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(types[0]).toBe("run.started");
  expect(types.at(-1)).toBe("run.completed");
  const count = (wanted: string): number => types.filter((type) => type === wanted).length;
  expect([count("run.started"), count("run.step"), count("run.completed")]).toEqual([1, 2, 1]);
  expect(count("run.holding"), "it went on as often as it had come to wait").toBe(count("run.resumed"));
  for (const hold of run.holds) {
    const about = events.filter(({ holdId }) => holdId === hold.id).map(({ type }) => type);
    expect(about.slice(0, 2)).toEqual(["hold.created", "hold.decided"]);
    if (hold.kind === "approval") expect(about.slice(2).join(" ")).toMatch(EXECUTION);
    else expect(about).toHaveLength(2);
  }
  for (const call of run.toolCalls) {
    const about = events.filter(
      ({ toolCallId, type }) => toolCallId === call.id && type.startsWith("action."),
    );
    const starts = about.filter(
      ({ type }) => type === "action.executing" || type === "action.auto_proceeded",
    );
    expect(starts).toHaveLength(call.attempt);
    expect(about.at(-1)?.type).toBe("action.executed");
  }
}

/** Started and done; or started and nobody knows, then said to be done, or started again. */
const EXECUTION = /^action\.executing( action\.unknown( action\.executing)?)* action\.executed$/;

const stores = { embedded, postgres };

afterAll(endAll);

test.concurrent.each(["embedded", "postgres"] as const)(
  "killed before, during and after every commit of a held run, and started again (%s)",
  async (kind) => {
    const mortal = await stores[kind]();
    const { lineage } = mortal;
    const startedAt = performance.now();
    try {
      // Once without a death, to see that the list above is whole and in order.
      await lineage.dieAt(undefined);
      await verify(mortal, await tellStory(mortal));
      const commits = lineage.reached
        .filter(({ phase }) => phase === "after")
        .map(({ name, occurrence }) => `${name} ${occurrence}`);
      expect(commits).toEqual(COMMITS);
      let doubts = 0;
      for (const point of POINTS) {
        await lineage.dieAt(point);
        try {
          const told = await tellStory(mortal);
          expect(lineage.isDoomed, "it was to die there, and never came there").toBe(false);
          await verify(mortal, told);
          doubts += told.doubts;
        } catch (error) {
          throw new Error(`Killed ${describePoint(point)}: ${(error as Error).message}`, { cause: error });
        }
      }
      expect(lineage.deaths).toBe(POINTS.length);
      expect(POINTS.length).toBeGreaterThanOrEqual(40);
      // Between the effect of a tool and its record nobody knows: then, and only then, a person was asked.
      expect(doubts).toBeGreaterThanOrEqual(8);
      const [left] = await lineage.query<{ count: number }>(
        "select count(*)::int as count from public.records",
      );
      expect(left?.count).toBe(5_000 - DECIDED * (POINTS.length + 1));
      const seconds = ((performance.now() - startedAt) / 1_000).toFixed(0);
      console.log(`${kind}: killed at ${POINTS.length} points, ${doubts} doubts asked about, ${seconds} s`);
    } finally {
      await mortal.end();
    }
  },
  600_000,
);
