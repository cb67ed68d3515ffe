import { HoldpointConnectionError } from "../api-error.ts";
import { EventStreamParser } from "../event-stream.ts";
import { Hitl } from "../hitl.ts";
import { Transport, type HoldpointOptions, type RequestOptions } from "../transport.ts";
import { clockOffsetMs } from "./clock-offset.ts";
import type { HitlHandler } from "./hitl-handler.ts";

/** A chunk of a run's stream. */
export interface GlaipChunk {
  status?: string;
  task_state?: string;
  content?: string;
  metadata?: Record<string, unknown>;
  [member: string]: unknown;
}

/** An agent as GLAIP makes one. */
export interface NewGlaipAgent {
  name: string;
  instruction: string;
  tools?: string[];
  agent_config?: { hitl_enabled?: boolean; [member: string]: unknown };
  tool_configs?: Record<string, { hitl?: { timeout_seconds?: number } }>;
  [member: string]: unknown;
}

export interface GlaipRunOptions {
  hitlHandler?: HitlHandler | undefined;
  /** Told each chunk as it comes. */
  onChunk?: ((chunk: GlaipChunk) => void) | undefined;
  /** Told the run's id once the stream is open. */
  onRun?: ((runId: string) => void) | undefined;
  signal?: AbortSignal | undefined;
}

export interface GlaipRun {
  runId: string | undefined;
  /** The content of the last chunk. */
  content: string;
  /** `final_response`, `error`, `step_limit_exceeded`; undefined where the stream broke off before its end. */
  kind: string | undefined;
}

const ENDS: ReadonlySet<unknown> = new Set(["final_response", "error", "step_limit_exceeded"]);

/**
 * A GLAIP client: agents, runs as streams, and operators' decisions. Without options it reads `HOLDPOINT_URL` and
 * `HOLDPOINT_API_KEY`, else `AIP_API_URL` and `AIP_API_KEY`, from the environment (R204).
 */
export class GlaipClient {
  readonly hitl: Hitl;
  readonly #transport: Transport;

  readonly agents = {
    create: (agent: NewGlaipAgent): Promise<{ agent_id: string }> =>
      this.#request("POST", "/agents/", { body: { type: "config", ...agent } }),
    delete: (agentId: string): Promise<unknown> =>
      this.#request("DELETE", `/agents/${encodeURIComponent(agentId)}`),
    /** Runs it and follows the stream to its end; pauses go to the handler, which never holds the stream up. */
    run: (agentId: string, input: string, options: GlaipRunOptions = {}): Promise<GlaipRun> =>
      this.#run(agentId, input, options),
  };

  constructor(options: Partial<HoldpointOptions> = {}) {
    this.#transport = new Transport({ ...connectionOfEnvironment(options.url), ...options });
    this.hitl = new Hitl(this.#transport);
  }

  #request<Result>(method: string, path: string, options: RequestOptions = {}): Promise<Result> {
    return this.#transport.json<Result>(method, path, options);
  }

  async #run(agentId: string, input: string, options: GlaipRunOptions): Promise<GlaipRun> {
    const { hitlHandler, onChunk, onRun, signal } = options;
    const sentAt = Date.now();
    const response = await this.#transport.open(`/agents/${encodeURIComponent(agentId)}/run`, {
      method: "POST",
      body: { input },
      idempotencyKey: globalThis.crypto.randomUUID(),
      signal,
    });
    const aheadMs = clockOffsetMs(response.headers.get("date"), sentAt, Date.now());
    const runId = response.headers.get("x-run-id") ?? undefined;
    if (runId !== undefined) onRun?.(runId);
    const run: GlaipRun = { runId, content: "", kind: undefined };
    const parser = new EventStreamParser();
    for await (const bytes of unbroken(response.body, signal)) {
      for (const { data } of parser.push(bytes)) {
        // What is no JSON is handed on: the handler says so in its log, and the stream goes on.
        const chunk = parse(data);
        hitlHandler?.take(chunk, runId, aheadMs);
        if (typeof chunk !== "object" || chunk === null) continue;
        const { content, metadata } = chunk as GlaipChunk;
        onChunk?.(chunk as GlaipChunk);
        if (typeof content === "string" && content !== "") run.content = content;
        if (ENDS.has(metadata?.["kind"])) run.kind = metadata?.["kind"] as string;
      }
    }
    return run;
  }
}

/** Where the connection breaks off, says so: the run goes on, and what it asks is still to be decided by hand. */
async function* unbroken(
  body: ReadableStream<Uint8Array> | null,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* body ?? [];
  } catch (error) {
    signal?.throwIfAborted();
    throw new HoldpointConnectionError("The run's stream broke off; the run goes on.", { cause: error });
  }
}

function parse(data: string): unknown {
  try {
    return JSON.parse(data) as unknown;
  } catch {
    return data;
  }
}

/** Address and key come from the same place: a key is sent to no server that it was not meant for. */
function connectionOfEnvironment(givenUrl: string | undefined): Pick<HoldpointOptions, "url" | "apiKey"> {
  const { process } = globalThis as { process?: NodeJS.Process };
  const env = process?.env ?? {};
  const [url, apiKey] = env["HOLDPOINT_URL"]
    ? [env["HOLDPOINT_URL"], env["HOLDPOINT_API_KEY"]]
    : env["AIP_API_URL"]
      ? [env["AIP_API_URL"], env["AIP_API_KEY"]]
      : ["http://localhost:7777", env["HOLDPOINT_API_KEY"] ?? env["AIP_API_KEY"]];
  const isElsewhere =
    givenUrl !== undefined && URL.canParse(givenUrl) && new URL(givenUrl).origin !== new URL(url).origin;
  return { url, apiKey: isElsewhere ? undefined : apiKey };
}
