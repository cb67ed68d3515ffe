import { isDeepStrictEqual } from "node:util";
import {
  isTerminalHold,
  isTerminalToolCall,
  type DecisionInput,
  type Hold,
  type Run,
} from "@holdpoint/protocol";
import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import { describeEachStore } from "../../src/testing/stores.ts";
import { flatten, openHolds, OrderWorld } from "./order-world.ts";

type Command = fc.AsyncCommand<object, OrderWorld>;

const SEQUENCES = 300;

const message = fc.constantFrom(
  "count users; delete 5",
  "delete 5; put x; ask",
  "ask then delete 2",
  "inner",
  "inner; delete 4",
  "put x then inner then count users",
);
const which = fc.nat({ max: 7 });
const say = fc.constantFrom("yes", "yes", "yes", "no", "skip", "other bytes", "changed");

const commands: fc.Arbitrary<Command>[] = [
  message.map((text) =>
    command(`message ${text}`, (world) => (world.runIds.length < 2 ? world.message(text) : undefined)),
  ),
  fc.constant(command("settle", (world) => world.settle())),
  ...[1, 2].map(() =>
    fc.tuple(which, say).map(([n, words]) =>
      command(`${words} to ${n}`, async (world) => {
        const hold = await anyHold(world, n);
        if (hold !== undefined) await world.decide(hold, inputOf(world, hold, words));
      }),
    ),
  ),
  ...(["pause", "resume", "resume", "cancel", "kill"] as const).map((action) =>
    which.map((n) =>
      command(`${action} ${n}`, async (world) => {
        const runs = (await world.trees()).flatMap(flatten);
        const run = runs[n % Math.max(1, runs.length)];
        // What ends a run is rare, so that runs get old enough to see something.
        if (run !== undefined && (n < 3 || action === "pause" || action === "resume"))
          await world.control(run.id, action);
      }),
    ),
  ),
  fc
    .integer({ min: 1, max: 12 })
    .map((commits) => command(`crash in ${commits}`, (world) => world.crash(commits))),
  fc.constant(command("expire", (world) => world.expire())),
];

describeEachStore("runs, holds and agents that call agents, moved in any order", (store) => {
  let world: OrderWorld | undefined;
  afterEach(() => world?.close());

  test("nothing unapproved, nothing twice, one outcome, one event, no late decision, results by the turn, and everything comes to an end (I1 to I3, I5, I6, I11)", async () => {
    world = await OrderWorld.open(store());
    const figures = { effects: 0, completed: 0, cancelled: 0, expired: 0, unknown: 0, nested: 0 };
    await fc.assert(
      fc.asyncProperty(
        message,
        fc.commands(commands, { maxCommands: 10, size: "max" }),
        async (first, sequence) => {
          const real = world as OrderWorld;
          real.reset();
          await real.message(first);
          await fc.asyncModelRun(() => ({ model: {}, real }), sequence);
          const runs = (await real.finish()).flatMap(flatten);
          for (const run of runs) await expectSound(real, run);
          figures.effects += real.effects.length;
          figures.completed += runs.filter(({ status }) => status === "completed").length;
          figures.cancelled += runs.filter(({ status }) => status === "cancelled").length;
          figures.expired += runs
            .flatMap(({ holds }) => holds)
            .filter(({ status }) => status === "expired").length;
          figures.unknown += runs
            .flatMap(({ holds }) => holds)
            .filter(({ kind }) => kind === "escalation").length;
          figures.nested += runs.filter(({ parentRunId }) => parentRunId !== null).length;
        },
      ),
      { numRuns: SEQUENCES, endOnFailure: true },
    );

    // It has seen what it is about.
    for (const [name, figure] of Object.entries(figures))
      expect({ name, isSeen: figure >= 5 }).toEqual({ name, isSeen: true });
  }, 480_000);
});

function command(name: string, act: (world: OrderWorld) => Promise<unknown> | undefined): Command {
  return {
    check: () => true,
    async run(_model, world) {
      await act(world);
    },
    toString: () => name,
  };
}

async function anyHold(world: OrderWorld, n: number): Promise<Hold | undefined> {
  const runs = (await world.trees()).flatMap(flatten);
  const open = openHolds(runs);
  const all = n === 0 || open.length === 0 ? runs.flatMap(({ holds }) => holds) : open;
  return all[n % Math.max(1, all.length)];
}

function inputOf(world: OrderWorld, hold: Hold, words: string): DecisionInput {
  if (words === "no") return { verdict: "reject", comment: "No." };
  if (words === "skip") return { verdict: "skip" };
  const yes = world.truthfully(hold);
  if (words === "other bytes" && hold.kind === "approval")
    return { ...yes, actionHash: `sha256:${"0".repeat(64)}` };
  if (words === "changed" && hold.action?.name === "delete")
    return { verdict: "modify", actionHash: hold.action.hash, modifications: { count: 1 } };
  return yes;
}

async function expectSound(world: OrderWorld, run: Run): Promise<void> {
  const log = await eventsOf(world, run.id);
  const count = (type: string): number => log.filter((event) => event.type === type).length;
  const own = run.holds.filter(({ runId }) => runId === run.id);
  const wrong: string[] = [];
  const require = (isSo: boolean, what: string): void => {
    if (!isSo) wrong.push(what);
  };
  for (const call of run.toolCalls) {
    const effects = world.effects.filter(({ callId }) => callId === call.id);
    const hold = own.find(({ id }) => id === call.holdId);
    require(effects.length <=
      (call.name === "put" ? 9 : 1), `I2: ${call.name} was done ${effects.length} times`);
    if (call.status === "succeeded" && call.childRunId === null)
      require(effects.length > 0, `${call.name} succeeded and was not done`);
    if (["rejected", "skipped", "expired", "cancelled", "gated", "approved"].includes(call.status))
      require(effects.length === 0, `${call.name} is ${call.status} and was done`);
    if (call.name === "delete" && effects.length > 0) {
      require(hold?.status === "approved" || hold?.status === "modified", "I1: done unapproved");
      require(isDeepStrictEqual(hold?.outcome?.arguments, effects[0]?.arguments), "I1: other arguments");
    }
    // Of what was in flight at a cancel the worker may be dead.
    require(isTerminalToolCall(call.status) ||
      (run.status === "cancelled" &&
        ["executing", "unknown"].includes(call.status)), `${call.name} is left ${call.status}`);
  }
  for (const hold of own) {
    const ends = log.filter(
      (event) => event.hold_id === hold.id && /^hold\.(decided|expired|cancelled)$/.test(event.type),
    );
    require(isTerminalHold(hold.status) &&
      ends.length === 1, `I3, I5: ${hold.status} by ${ends.length} events`);
    const decided = ends.find((event) => event.type === "hold.decided" && event.actor_kind === "member");
    require(decided === undefined ||
      hold.expiresAt === null ||
      Date.parse(decided.created_at) <= Date.parse(hold.expiresAt), "I6: decided late");
  }
  require(count("hold.created") === own.length, "I5: holds and their events");
  require(count("run.completed") + count("run.failed") + count("run.cancelled") + count("run.killed") ===
    1, "I5: ends");
  require(count("run.started") <= 1, "I5: begins");
  // By their times, which are taken under the run's lock; the log goes by transactions, and one that ends a run begins with its holds.
  const end = log.find(({ type }) => type === "run.cancelled" || type === "run.killed");
  const starts = log.filter(({ type }) => type === "action.executing" || type === "action.auto_proceeded");
  require(end === undefined ||
    starts.every(
      ({ created_at: at }) => Date.parse(at) <= Date.parse(end.created_at),
    ), "started after the end");
  require(count("action.executed") >=
    run.toolCalls.filter(({ status }) => status === "succeeded").length, "I5: executions");
  const [asked, told] = [partIds(run, "assistant", "tool-call"), partIds(run, "tool", "tool-result")];
  require(isDeepStrictEqual(
    run.status === "completed" ? asked : asked.slice(0, told.length),
    told,
  ), "I11: results and calls");
  expect({ run: run.id, wrong, ...(wrong.length > 0 && { as: run, log }) }).toEqual({
    run: run.id,
    wrong: [],
  });
}

interface LoggedEvent {
  type: string;
  hold_id: string | null;
  actor_kind: string;
  created_at: string;
}

async function eventsOf({ store, fixture }: OrderWorld, runId: string): Promise<LoggedEvent[]> {
  return store.database.transaction(async (tx) => {
    await tx.query("select set_config('hp.org_id', $1, true)", [fixture.organisation.orgId]);
    return tx.query<LoggedEvent>(
      "select type, hold_id, actor_kind, created_at from holdpoint.events where run_id = $1 order by xid, id",
      [runId],
    );
  });
}

function partIds(run: Run, role: string, type: string): string[] {
  return run.messages
    .filter((message) => message["role"] === role)
    .flatMap(({ content }) =>
      Array.isArray(content) ? (content as { type: string; toolCallId: string }[]) : [],
    )
    .filter((part) => part.type === type)
    .map(({ toolCallId }) => toolCallId);
}
