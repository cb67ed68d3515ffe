import type { Holdpoint } from "@holdpoint/client";
import { isTerminalRun, type Run } from "@holdpoint/protocol";
import type { Context, OnlineOptions } from "../context.ts";
import { EXIT, UsageError } from "../exit-code.ts";
import { PROGRAM } from "../holds/hints.ts";
import { printable } from "../terminal/printable.ts";
import { Interrupted, Questioner } from "../terminal/questioner.ts";
import { canAsk } from "../world.ts";
import { HoldDesk } from "./hold-desk.ts";
import { Narrator } from "./narrator.ts";

export interface FollowOptions extends OnlineOptions {
  interactive?: boolean;
}

export interface StartRunOptions extends FollowOptions {
  wait: boolean;
  session?: string;
  endUser?: string;
}

/** Starts a run and follows it to its end. Leaving early leaves it running. */
export async function startRun(
  context: Context,
  agentId: string,
  text: string,
  options: StartRunOptions,
): Promise<number> {
  requireTerminal(context, options);
  const client = await context.connect(options);
  const run = await client.runs.start(agentId, {
    input: text,
    ...(options.session === undefined ? {} : { sessionId: options.session }),
    ...(options.endUser === undefined ? {} : { endUserId: options.endUser }),
  });
  if (!options.wait) {
    if (options.json === true) context.console.json(run);
    else context.console.data(run.id);
    return EXIT.ok;
  }
  context.console.say(context.console.style.dim(`${run.id} of ${printable(agentId)} has started.`));
  return follow(context, client, run.id, options);
}

/** Follows a run that was started before, here or elsewhere. */
export async function watchRun(context: Context, id: string, options: FollowOptions): Promise<number> {
  requireTerminal(context, options);
  const client = await context.connect(options);
  await client.runs.get(id); // an unknown id is told at once
  return follow(context, client, id, options);
}

function requireTerminal(context: Context, options: FollowOptions): void {
  if (options.interactive === true && !canAsk(context.world)) {
    throw new UsageError(
      "--interactive needs a terminal to ask on. Without it, decide with the holds commands.",
    );
  }
}

async function follow(
  context: Context,
  client: Holdpoint,
  runId: string,
  options: FollowOptions,
): Promise<number> {
  const left = new AbortController();
  const release = context.world.onInterrupt(() => left.abort(new Interrupted()));
  using questioner = options.interactive === true ? new Questioner(context.world) : undefined;
  questioner?.onInterrupt(() => left.abort(new Interrupted()));
  const narrator = new Narrator(context.console, options.json === true, runId);
  const desk = new HoldDesk({ context, client, questioner, isJson: options.json === true, narrator });
  try {
    let isLost = false;
    const events = client.runs.events(runId, {
      signal: left.signal,
      onReconnect: () => {
        if (!isLost) context.console.say("The connection broke; trying again. The run goes on meanwhile.");
        isLost = true;
      },
      onOpen: () => {
        isLost = false;
      },
    });
    // Read on while a question stands, so that a decision made elsewhere takes the question away.
    for await (const event of events) desk.take(event);
    await desk.finished();
    left.signal.throwIfAborted();
    return finish(context, await client.runs.get(runId), narrator, options);
  } catch (error) {
    if (!(error instanceof Interrupted) && !left.signal.aborted) throw error;
    narrator.endLine();
    context.console.say(`\nThe run goes on without you. Come back with: ${PROGRAM} runs watch ${runId}`);
    return EXIT.interrupted;
  } finally {
    release();
    left.abort();
  }
}

function finish(context: Context, run: Run, narrator: Narrator, options: FollowOptions): number {
  const { console } = context;
  narrator.endLine();
  if (options.json === true) console.json({ type: "result", run });
  else if (run.output !== null && run.output !== "" && !isOnScreen(context, narrator, run.output)) {
    console.data(printable(run.output, { isProse: true }));
  }
  if (!isTerminalRun(run.status)) return EXIT.other;
  switch (run.status) {
    case "completed":
      if (run.endReason !== "step_limit") return EXIT.ok;
      console.say("The agent reached its bound on steps before it was done.");
      return EXIT.other;
    case "cancelled":
      console.say(`The run was cancelled.`);
      return EXIT.conflict;
    default:
      console.say(`${console.style.danger("The run failed:")} ${printable(errorText(run))}`);
      return EXIT.other;
  }
}

/** The answer that streamed to the terminal a moment ago is not said twice there; a pipe always gets it. */
function isOnScreen({ world }: Context, narrator: Narrator, output: string): boolean {
  return world.stdout.isTTY === true && world.stderr.isTTY === true && narrator.lastText === output;
}

function errorText(run: Run): string {
  const { error } = run;
  if (typeof error === "object" && error !== null && !Array.isArray(error)) {
    const text = error["message"] ?? error["detail"];
    if (typeof text === "string") return text;
  }
  return JSON.stringify(error);
}
