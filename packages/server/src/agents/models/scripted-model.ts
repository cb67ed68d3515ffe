import type { LanguageModel } from "ai";
import { assertNever, readNote } from "@holdpoint/core";
import { isJsonObject, type JsonObject, type JsonValue } from "@holdpoint/protocol";

/** The object form of the AI SDK's model, version 4. */
type ModelV4 = Extract<Exclude<LanguageModel, string>, { specificationVersion: "v4" }>;
type CallOptions = Parameters<ModelV4["doStream"]>[0];
type StreamPart =
  Awaited<ReturnType<ModelV4["doStream"]>>["stream"] extends ReadableStream<infer Part> ? Part : never;

/** How a call of an earlier turn of this script has ended. */
export interface ScriptResult {
  name: string;
  arguments: JsonValue;
  /** What the tool returned; null when it did not run. */
  result: JsonValue;
  /** With what it ran, where a reviewer changed the arguments; undefined otherwise. */
  executedWith: JsonObject | undefined;
  /** What the model was told when it did not run or failed; undefined when it succeeded. */
  problem: string | undefined;
}

/** What a script sees: the user's last words, and the results of the calls that it made since and before. */
export interface ScriptTurn {
  text: string;
  results: ScriptResult[];
  /** Of calls from before those words: in earlier runs of the session, or in the run from which this one goes on. */
  earlier: ScriptResult[];
  /** What operators have said since. */
  notes: string[];
  tools: string[];
}

export interface ScriptReply {
  text?: string;
  toolCalls?: { name: string; arguments: JsonObject }[];
}

/** A plain function in the place of a model: no intelligence, the same answer every time. */
export type Script = (turn: ScriptTurn) => ScriptReply | Promise<ScriptReply>;

const NO_USAGE = {
  inputTokens: { total: 0, noCache: 0, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 0, text: 0, reasoning: 0 },
};

/** A script as a model of the AI SDK; its text comes word by word. `createCallId` makes the ids of its calls. */
export function scriptedModel(script: Script, modelId: string, createCallId: () => string): ModelV4 {
  return {
    specificationVersion: "v4",
    provider: "holdpoint.script",
    modelId,
    supportedUrls: {},
    doGenerate() {
      throw new TypeError("A scripted model only streams.");
    },
    async doStream(options) {
      const reply = await script(readTurn(options));
      return { stream: streamOf(partsOf(reply, createCallId)) };
    },
  };
}

function partsOf(reply: ScriptReply, createCallId: () => string): StreamPart[] {
  const calls = reply.toolCalls ?? [];
  const parts: StreamPart[] = [{ type: "stream-start", warnings: [] }];
  if (reply.text !== undefined && reply.text !== "") {
    parts.push({ type: "text-start", id: "text" });
    for (const word of reply.text.match(/\S+\s*|\s+/g) ?? [])
      parts.push({ type: "text-delta", id: "text", delta: word });
    parts.push({ type: "text-end", id: "text" });
  }
  for (const call of calls) {
    parts.push({
      type: "tool-call",
      toolCallId: createCallId(),
      toolName: call.name,
      input: JSON.stringify(call.arguments),
    });
  }
  const finishReason = {
    unified: calls.length > 0 ? ("tool-calls" as const) : ("stop" as const),
    raw: undefined,
  };
  parts.push({ type: "finish", usage: NO_USAGE, finishReason });
  return parts;
}

function streamOf(parts: StreamPart[]): ReadableStream<StreamPart> {
  const rest = parts.values();
  return new ReadableStream({
    pull(controller) {
      const next = rest.next();
      if (next.done === true) controller.close();
      else controller.enqueue(next.value);
    },
  });
}

function readTurn(options: CallOptions): ScriptTurn {
  const { prompt } = options;
  const start = prompt.findLastIndex(
    (message) => message.role === "user" && readNote(textOf(message)) === undefined,
  );
  const since = prompt.slice(start + 1);
  return {
    text: textOf(prompt[start]),
    results: readResults(since),
    earlier: readResults(prompt.slice(0, Math.max(0, start))),
    notes: since.flatMap((message) => readNote(textOf(message)) ?? []),
    tools: (options.tools ?? []).map((tool) => tool.name),
  };
}

function textOf(message: CallOptions["prompt"][number] | undefined): string {
  if (message?.role !== "user") return "";
  return message.content.map((part) => (part.type === "text" ? part.text : "")).join("");
}

function readResults(messages: CallOptions["prompt"]): ScriptResult[] {
  const calls = new Map<string, JsonValue>();
  const results: ScriptResult[] = [];
  for (const message of messages) {
    if (message.role === "assistant") {
      for (const part of message.content)
        if (part.type === "tool-call") calls.set(part.toolCallId, part.input as JsonValue);
    }
    if (message.role !== "tool") continue;
    for (const part of message.content) {
      if (part.type !== "tool-result") continue;
      const common = { name: part.toolName, arguments: calls.get(part.toolCallId) ?? null };
      results.push({ ...common, ...readOutput(part.output) });
    }
  }
  return results;
}

type Output = Extract<
  Extract<CallOptions["prompt"][number], { role: "tool" }>["content"][number],
  { type: "tool-result" }
>["output"];

function readOutput(output: Output): Pick<ScriptResult, "result" | "executedWith" | "problem"> {
  switch (output.type) {
    case "json":
      return succeeded(output.value as JsonValue);
    case "text":
      return succeeded(output.value);
    case "content":
      return succeeded(output.value.map((part) => (part.type === "text" ? part.text : "")).join(""));
    case "execution-denied":
      return failed(output.reason ?? "It was not executed.");
    case "error-text":
      return failed(output.value);
    case "error-json":
      return failed(JSON.stringify(output.value));
    default:
      return assertNever(output);
  }
}

function succeeded(value: JsonValue): ReturnType<typeof readOutput> {
  if (isGivenByHand(value)) return { result: value.result, executedWith: undefined, problem: undefined };
  const isChanged = isJsonObject(value) && "note" in value && "executedWith" in value && "result" in value;
  if (!isChanged) return { result: value, executedWith: undefined, problem: undefined };
  return {
    result: value["result"] ?? null,
    executedWith: value["executedWith"] as JsonObject,
    problem: undefined,
  };
}

function isGivenByHand(value: JsonValue): value is { note: string; result: JsonValue } {
  if (!isJsonObject(value) || Object.keys(value).join() !== "note,result") return false;
  return typeof value["note"] === "string" && value["note"].startsWith("An operator took over");
}

function failed(problem: string): ReturnType<typeof readOutput> {
  return { result: null, executedWith: undefined, problem };
}
