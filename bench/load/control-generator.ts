// Operators who pause and cancel runs at one instance, while whoever watches these runs listens at another. A process of its
// own.
import type { Run } from "@holdpoint/protocol";
import { becomeChild } from "../processes/child.ts";
import { openConnections } from "./http-connections.ts";
import { percentile } from "./latencies.ts";
import type { Times } from "./wake-up-generator.ts";

export interface ControlTarget {
  /** Where the operators are. */
  operatorUrl: string;
  /** Where the runs are watched. */
  watcherUrl: string;
  operatorKey: string;
}

export interface ControlOrder {
  operators: number;
  forMs: number;
}

/** From the press (the request is sent) until the one who watches is told. */
export interface ControlTimes {
  count: number;
  pause: Times;
  cancel: Times;
}

const target = JSON.parse(process.argv[2] ?? "") as ControlTarget;
const operator = openConnections(target.operatorUrl);
const TASK = JSON.stringify({ input: "Delete 50 old records from the users table" });

becomeChild<undefined, ControlOrder, ControlTimes>({
  ready: undefined,
  answer: measure,
  stop: async () => operator.close(),
});

async function measure({ operators, forMs }: ControlOrder): Promise<ControlTimes> {
  const pauses: number[] = [];
  const cancels: number[] = [];
  const startedAt = performance.now();
  async function work(): Promise<void> {
    while (performance.now() - startedAt < forMs) {
      const runId = await startHeldRun();
      using watched = await watch(runId);
      pauses.push(await untilTold(watched, runId, "pause", "run.paused"));
      await ask("POST", `/v1/runs/${runId}/resume`, "{}", 200);
      cancels.push(await untilTold(watched, runId, "cancel", "run.cancelled"));
    }
  }
  await Promise.all(Array.from({ length: operators }, work));
  return { count: cancels.length, pause: timesOf(pauses), cancel: timesOf(cancels) };
}

function ask(
  method: "GET" | "POST",
  path: string,
  body: string | undefined,
  expected: number,
): Promise<string> {
  return operator.ask({
    method,
    path,
    key: target.operatorKey,
    ...(body !== undefined && { body }),
    expected,
  });
}

/** A run that waits for a person: nothing of it is in flight anywhere. */
async function startHeldRun(): Promise<string> {
  const { id } = JSON.parse(await ask("POST", "/v1/agents/data_manager/runs", TASK, 201)) as { id: string };
  const run = JSON.parse(await ask("GET", `/v1/runs/${id}/wait?timeoutSeconds=60`, undefined, 200)) as Run;
  if (run.status !== "holding") throw new Error(`${id} is ${run.status}.`);
  return id;
}

async function untilTold(watched: Watched, runId: string, action: string, event: string): Promise<number> {
  const told = watched.until(event);
  const sentAt = performance.now();
  await ask("POST", `/v1/runs/${runId}/${action}`, "{}", 200);
  return (await told) - sentAt;
}

interface Watched extends Disposable {
  /** Resolves to when that event came. */
  until(event: string): Promise<number>;
}

/** Resolves once the stream stands and has told what was before. */
async function watch(runId: string): Promise<Watched> {
  const leaving = new AbortController();
  const response = await fetch(`${target.watcherUrl}/v1/runs/${runId}/events`, {
    headers: { authorization: `Bearer ${target.operatorKey}` },
    signal: leaving.signal,
  });
  if (response.body === null || !response.ok) throw new Error(`The stream answered ${response.status}.`);
  const waiting = new Map<string, (at: number) => void>();
  const until = (event: string): Promise<number> => {
    const { promise, resolve } = Promise.withResolvers<number>();
    waiting.set(event, resolve);
    return promise;
  };
  const stands = until("run.holding");
  void read(response.body, (event) => waiting.get(event)?.(performance.now())).catch((error: unknown) => {
    if (!leaving.signal.aborted) throw error;
  });
  await stands;
  return { until, [Symbol.dispose]: () => leaving.abort() };
}

async function read(body: ReadableStream<Uint8Array>, tell: (event: string) => void): Promise<void> {
  let text = "";
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const lines = text.split("\n");
    text = lines.pop() ?? "";
    for (const line of lines) if (line.startsWith("event: ")) tell(line.slice("event: ".length));
  }
}

function timesOf(values: readonly number[]): Times {
  const sorted = Float64Array.from(values).sort();
  return { p50Ms: percentile(sorted, 0.5), p99Ms: percentile(sorted, 0.99) };
}
