import type { LanguageModel, ModelMessage, streamText, ToolSet } from "ai";
import type { DefinedAgent } from "../agent.ts";
import type { ToolEndUser } from "../tool-context.ts";
import { preferencesLine } from "./preferences.ts";
import { storableText } from "./storable-text.ts";

/** A call as the model made it, before anybody looked at it. */
export interface ModelCall {
  /** By which the model pairs call and result. Unique within the turn. */
  providerCallId: string;
  name: string;
  input: unknown;
  /** Why the input could not even be read; undefined when it is JSON. */
  problem: string | undefined;
}

/** One finished turn of a model. */
export interface ModelTurn {
  /** The assistant message to store; undefined when the model said nothing at all. */
  message: ModelMessage | undefined;
  text: string;
  calls: ModelCall[];
  finishReason: string;
  usage: { inputTokens: number; outputTokens: number; totalTokens: number };
}

/** The stream ended before the model had finished: whatever came is not used. */
export class BrokenTurnError extends Error {
  override name = "BrokenTurnError";
  readonly isRetryable = true;
}

export interface StreamTurnOptions {
  model: LanguageModel;
  agent: DefinedAgent;
  /** Whom it works for. */
  endUser: ToolEndUser | null;
  messages: ModelMessage[];
  signal: AbortSignal;
  /** The text so far, at every piece that arrives. */
  onText(text: string): void;
}

/** A model that says nothing for so long is taken for broken. */
const SILENCE_LIMIT_MS = 180_000;

const MARKDOWN_LINE = "Format your answers in Markdown.";

/**
 * Asks the model for one turn. Tools are only described to it: the AI SDK executes nothing, retries nothing and
 * validates nothing; all of that is the journal's.
 */
export async function streamTurn(options: StreamTurnOptions): Promise<ModelTurn> {
  const sdk = await import("ai");
  const { agent } = options;
  const instructions = [
    agent.instructions,
    agent.markdown ? MARKDOWN_LINE : "",
    preferencesLine(agent, options.endUser),
  ]
    .filter((line) => line !== "")
    .join("\n\n");
  const tools = await describeTools(agent);
  let text = "";
  let failure: unknown;
  const result = sdk.streamText({
    model: options.model,
    messages: options.messages,
    maxRetries: 0,
    abortSignal: options.signal,
    timeout: { firstChunkMs: SILENCE_LIMIT_MS, chunkMs: SILENCE_LIMIT_MS },
    onError: ({ error }) => void (failure ??= error),
    ...(instructions !== "" && { instructions }),
    ...(tools !== undefined && { tools }),
    ...(agent.maxOutputTokens !== undefined && { maxOutputTokens: agent.maxOutputTokens }),
    ...(agent.temperature !== undefined && { temperature: agent.temperature }),
  });
  for await (const part of result.stream) {
    if (part.type === "error") failure ??= part.error;
    if (part.type === "abort")
      failure ??= options.signal.reason ?? new BrokenTurnError("The model fell silent.");
    if (part.type === "text-delta") {
      text += part.text;
      options.onText(storableText(text));
    }
  }
  // What breaks off in mid-stream comes without a status; another attempt may well succeed.
  if (failure !== undefined) throw failure instanceof Error ? failure : new BrokenTurnError(wordsOf(failure));
  return readTurn(result, storableText(text));
}

function wordsOf(failure: unknown): string {
  return typeof failure === "string" ? failure : (JSON.stringify(failure) ?? "The model failed.");
}

async function describeTools(agent: DefinedAgent): Promise<ToolSet | undefined> {
  if (agent.tools.length === 0) return undefined;
  const { jsonSchema, tool } = await import("ai");
  return Object.fromEntries(
    agent.tools.map(({ name, description, inputSchema }) => [
      name,
      tool({ description, inputSchema: jsonSchema(inputSchema) }),
    ]),
  );
}

type StreamResult = ReturnType<typeof streamText<ToolSet>>;

async function readTurn(result: StreamResult, text: string): Promise<ModelTurn> {
  const [step, messages, usage] = await Promise.all([
    result.finalStep,
    result.responseMessages,
    result.usage,
  ]);
  if (step.finishReason === "other" && step.rawFinishReason === undefined) {
    throw new BrokenTurnError("The model's answer broke off before its end.");
  }
  const { message, ids } = withUniqueCallIds(messages.find(({ role }) => role === "assistant"));
  const made = step.toolCalls.filter((call) => call.providerExecuted !== true);
  return {
    message,
    text,
    finishReason: step.finishReason,
    calls: made.map((call, index) => ({
      providerCallId: ids[index] ?? call.toolCallId,
      name: call.toolName,
      input: call.input,
      problem: call.dynamic === true && call.invalid === true ? problemOf(call.error) : undefined,
    })),
    usage: {
      inputTokens: usage.inputTokens ?? 0,
      outputTokens: usage.outputTokens ?? 0,
      totalTokens: usage.totalTokens ?? 0,
    },
  };
}

function problemOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * Some servers give every call of a turn the same id, or none: then answers would go to the wrong call (defect 8).
 * Returns the message with ids that differ, and those ids in call order.
 */
function withUniqueCallIds(message: ModelMessage | undefined): {
  message: ModelMessage | undefined;
  ids: string[];
} {
  if (message?.role !== "assistant" || typeof message.content === "string") return { message, ids: [] };
  const ids: string[] = [];
  const content = message.content.map((part) => {
    if (part.type !== "tool-call" || part.providerExecuted === true) return part;
    const given = storableText(part.toolCallId);
    let toolCallId = given;
    for (let next = ids.length + 1; toolCallId === "" || ids.includes(toolCallId); next++) {
      toolCallId = `${given === "" ? "call" : given}_${next}`;
    }
    ids.push(toolCallId);
    return { ...part, toolCallId };
  });
  return { message: { ...message, content }, ids };
}
