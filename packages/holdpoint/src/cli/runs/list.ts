import type { Hold, Run, RunNote, RunStatus, RunSummary, ToolCall } from "@holdpoint/protocol";
import type { Context, OnlineOptions } from "../context.ts";
import { waitsFor } from "../holds/card.ts";
import { renderFact } from "../holds/facts.ts";
import { PROGRAM } from "../holds/hints.ts";
import { formatDuration, formatRelative } from "../terminal/duration.ts";
import { printable, printablePath } from "../terminal/printable.ts";
import type { Style } from "../terminal/style.ts";

export interface ListRunsOptions extends OnlineOptions {
  status?: RunStatus;
  agent?: string;
  session?: string;
  limit: number;
}

export async function listRuns(context: Context, options: ListRunsOptions): Promise<void> {
  const { console, world } = context;
  const client = await context.connect(options);
  const found: RunSummary[] = [];
  let hasMore = false;
  const runs = client.runs.list({
    status: options.status,
    agentId: options.agent,
    sessionId: options.session,
    limit: Math.min(200, options.limit + 1),
  });
  for await (const run of runs) {
    hasMore = found.length === options.limit;
    if (hasMore) break;
    found.push(run);
  }
  if (options.json === true) {
    console.json({ data: found, hasMore });
    return;
  }
  for (const run of found) {
    const status = run.external?.lostAt == null ? run.status : `${run.status} (lost)`;
    const columns = [run.id, status, printable(run.agentId), formatRelative(run.createdAt, world.now())];
    console.data([...columns, shorten(printable(run.input), 80)].join("\t"));
  }
  if (found.length === 0) console.say("There is none.");
  if (hasMore) console.say(`There are more: --limit ${options.limit * 2} shows them.`);
}

export async function showRun(context: Context, id: string, options: OnlineOptions): Promise<void> {
  const run = await (await context.connect(options)).runs.get(id);
  if (options.json === true) context.console.json(run);
  else context.console.data(renderRun(run, context.console.dataStyle, context.world.now()));
}

/** A run as text: where it stands, what was asked, each call with what became of it, the answer. */
function renderRun(run: Run, style: Style, now: number): string {
  const took = run.endedAt === null ? now : Date.parse(run.endedAt);
  const length = formatDuration(took - Date.parse(run.createdAt));
  const scripted = run.model === null ? "" : `, model ${printable(run.model)}`;
  const reason = run.endReason === null ? "" : ` (${printable(run.endReason)})`;
  return [
    `${style.bold(run.status)}${reason}  ${style.bold(printable(run.agentId))}  ${style.dim(run.id)}`,
    style.dim(
      `started ${formatRelative(run.createdAt, now)}, ${run.endedAt === null ? "for" : "took"} ${length}${scripted}`,
    ),
    ...figures(run).map((line) => style.dim(line)),
    ...(run.path === null || run.parentRunId === null
      ? []
      : [style.dim(`called by ${run.parentRunId}: ${printablePath(run.path)}`)]),
    ...standingLines(run, style, now),
    "",
    ...quoted("Task", run.input, style),
    ...run.notes.flatMap((note) => noteLines(note, run.endedAt !== null, style)),
    ...run.toolCalls.flatMap((call) => callLines(call, run.holds, style)),
    ...waitingLines(run, style),
    ...(run.error === null ? [] : ["", `${style.danger("Error")} ${renderFact(run.error)}`]),
    ...(run.output === null ? [] : ["", ...quoted("Answer", run.output, style)]),
  ].join("\n");
}

/** Where its time went, and what the models took. */
function figures({ time, usage, cost, forkedFrom, forks }: Run): string[] {
  const spent = (
    [
      ["queued", time.queuedMs],
      ["running", time.runningMs],
      ["waiting for people", time.holdingMs],
      ["paused", time.pausedMs],
    ] as const
  ).flatMap(([state, ms]) => (ms < 1_000 ? [] : [`${state} ${formatDuration(ms)}`]));
  const price = cost === null ? "" : `, cost ${cost.amount} ${printable(cost.currency)}`;
  return [
    ...(spent.length === 0 ? [] : [spent.join(", ")]),
    ...(usage === null || usage.totalTokens === 0
      ? []
      : [`${usage.inputTokens} tokens in, ${usage.outputTokens} out${price}`]),
    ...(forkedFrom === null ? [] : [`goes on from step ${forkedFrom.step} of ${forkedFrom.runId}`]),
    ...(forks.length === 0 ? [] : [`run again as ${forks.join(", ")}`]),
  ];
}

function noteLines({ text, by, heardStep }: RunNote, isOver: boolean, style: Style): string[] {
  const unheard = isOver ? "never heard" : "not heard yet";
  const heard = heardStep === null ? unheard : `heard before step ${heardStep}`;
  return ["", ...quoted(`${printable(by.name ?? by.id)} said, ${heard}`, text, style)];
}

/** What keeps it, besides holds; and of a run elsewhere, what was heard of it. */
function standingLines(
  { external, pauseScope, pauseRequested, status }: Run,
  style: Style,
  now: number,
): string[] {
  const lines: string[] = [];
  if (pauseScope !== null && (status === "paused" || pauseRequested))
    lines.push(
      style.dim(
        `${status === "paused" ? "paused" : "to be paused at its next interrupt point"} by an order over ${pauseScope === "all" ? "all runs" : `its ${pauseScope}`}`,
      ),
    );
  if (external === null) return lines;
  const { lostAt, heartbeatAt, steps, text } = external;
  const progress = [steps === null ? "" : `${steps} steps done`, printable(text ?? "")].filter(
    (part) => part !== "",
  );
  lines.push(
    style.dim([`lives elsewhere, heard of ${formatRelative(heartbeatAt, now)}`, ...progress].join(", ")),
  );
  if (lostAt !== null)
    lines.push(
      style.danger(
        `lost ${formatRelative(lostAt, now)}: nothing is heard of it; to cancel it is to give it up`,
      ),
    );
  return lines;
}

function callLines(call: ToolCall, holds: readonly Hold[], style: Style): string[] {
  const result = call.result ?? call.error;
  const hold = holds.find(({ id }) => id === call.holdId);
  const outcome = hold?.outcome;
  // What a person changed was never done as the model proposed it: first what counts (I1), then what was asked for.
  const isChanged = outcome?.verdict === "modify";
  const amended =
    hold?.metadata?.["replaces"] === undefined || isChanged ? undefined : hold.action?.arguments;
  return [
    "",
    `${style.bold(printable(call.name))} ${shorten(renderFact(isChanged ? outcome.arguments : (amended ?? call.arguments)), 200)}`,
    ...(amended === undefined ? [] : [`  proposed as ${shorten(renderFact(call.arguments), 200)}`]),
    ...(isChanged
      ? [`  changed by ${printable(outcome.by.name)} from ${shorten(renderFact(call.arguments), 200)}`]
      : []),
    `  ${[`${call.status}, step ${call.step}`, call.id, call.holdId, call.childRunId].filter((part) => part !== null).join(", ")}`,
    ...(call.reasons ?? []).map(({ text }) => style.dim(`  by itself: ${printable(text)}`)),
    ...steeringLines(call),
    ...(result === null ? [] : [`  ${shorten(renderFact(result), 500)}`]),
  ];
}

const STEERED = { taken_over: "taken over", withdrawn: "withdrawn", amended: "amended" } as const;

function steeringLines({ steered, reusedFrom }: ToolCall): string[] {
  return [
    ...(steered === null
      ? []
      : [
          `  ${STEERED[steered.action]} by ${printable(steered.by.name ?? steered.by.id)}: ${printable(steered.reason)}`,
        ]),
    ...(reusedFrom === null ? [] : [`  executed in ${reusedFrom.runId}, and not again`]),
  ];
}

function waitingLines(run: Run, style: Style): string[] {
  if (run.waitsFor !== null)
    return ["", `waits for the run before it in its session  ${PROGRAM} runs show ${run.waitsFor}`];
  return run.holds
    .filter((hold) => hold.status === "pending")
    .flatMap((hold) => [
      "",
      `${style.accent(`● waits for ${printable(waitsFor(hold))}`)}  ${PROGRAM} holds show ${hold.id}`,
      ...(hold.path === null ? [] : [`  asked by ${printablePath(hold.path)}`]),
    ]);
}

function quoted(label: string, text: string, style: Style): string[] {
  const lines = printable(text, { isProse: true }).split("\n");
  return lines.length === 1
    ? [`${style.dim(label)}  ${lines[0] ?? ""}`]
    : [style.dim(label), ...lines.map((line) => `  ${line}`)];
}

/** For overviews only; what a person decides on is never cut. */
function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}
