import type { Context } from "hono";
import type { Run } from "@holdpoint/protocol";
import { credentialHashOf } from "../../http/credential.ts";
import type { RequestEnv } from "../../http/route.ts";
import { getRun } from "../../runs/read-runs.ts";
import { isAtRest, type RunFollower } from "../../runs/run-follower.ts";
import type { AgentOsDeps } from "../agentos.ts";
import { renderAgentOsRun } from "./render-run.ts";
import type { AgentOsTelling } from "./telling.ts";

/** Waits until the run rests; the run as it is where the service stops before. */
export async function runOf(
  context: Context<RequestEnv>,
  deps: AgentOsDeps,
  follower: RunFollower,
  { id, agentName }: { id: string; agentName: string },
): Promise<Response> {
  const gone = (): void => follower.close();
  const { signal } = context.req.raw;
  signal.addEventListener("abort", gone, { once: true });
  let run: Run | undefined;
  try {
    for (;;) {
      const sight = await follower.next();
      if (sight === undefined) break;
      if (sight.kind !== "run") continue;
      ({ run } = sight);
      if (isAtRest(run)) break;
    }
  } finally {
    signal.removeEventListener("abort", gone);
    follower.close();
  }
  run ??= await getRun(deps.database, credentialHashOf(context), id, deps.prices);
  return context.json(renderAgentOsRun(run, agentName));
}

const STREAM_HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store, no-transform",
  "x-accel-buffering": "no",
};

/** The run's events until it rests. Who goes away early stops nothing but the stream. */
export function streamOf(
  context: Context<RequestEnv>,
  follower: RunFollower,
  telling: AgentOsTelling,
  first: string,
): Response {
  context.req.raw.signal.addEventListener("abort", () => follower.close(), { once: true });
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(encoder.encode(first)),
    async pull(controller) {
      for (;;) {
        const sight = await follower.next();
        if (sight === undefined) return controller.close();
        const told =
          sight.kind === "alive"
            ? ": \n\n"
            : sight.kind === "text"
              ? telling.spoken(sight.spoken)
              : telling.seen(sight.run);
        if (told !== "") controller.enqueue(encoder.encode(told));
        if (sight.kind === "run" && isAtRest(sight.run)) {
          follower.close();
          return controller.close();
        }
        if (told !== "") return;
      }
    },
    cancel: () => follower.close(),
  });
  return new Response(body, { headers: STREAM_HEADERS });
}
