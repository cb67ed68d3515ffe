import { isJsonObject, parseJson, type JsonObject, type JsonValue, type ToolCall } from "@holdpoint/protocol";
import type { Context, OnlineOptions } from "../context.ts";
import { UsageError } from "../exit-code.ts";
import { PROGRAM } from "../holds/hints.ts";
import { printable } from "../terminal/printable.ts";

export interface CallOptions extends OnlineOptions {
  reason: string;
}

export async function tellRun(
  context: Context,
  id: string,
  text: string,
  options: OnlineOptions,
): Promise<void> {
  const note = await (await context.connect(options)).runs.tell(id, text);
  if (options.json === true) context.console.json(note);
  else context.console.data(`${id} hears it before its next step.`);
}

export async function giveResult(
  context: Context,
  id: string,
  callId: string,
  options: CallOptions & { result?: string; error?: string },
): Promise<void> {
  const { result, error, reason } = options;
  if ((result === undefined) === (error === undefined))
    throw new UsageError("Give the call's --result, or with --error say how it failed.");
  const given =
    error === undefined ? { result: readValue(result ?? "", "--result"), reason } : { error, reason };
  const { runs } = await context.connect(options);
  report(context, options, await runs.giveResult(id, callId, given));
}

export async function withdrawCall(
  context: Context,
  id: string,
  callId: string,
  options: CallOptions,
): Promise<void> {
  const { runs } = await context.connect(options);
  report(context, options, await runs.withdraw(id, callId, options.reason));
}

export async function amendCall(
  context: Context,
  id: string,
  callId: string,
  options: CallOptions & { arguments: string },
): Promise<void> {
  const args = readObject(options.arguments);
  const { runs } = await context.connect(options);
  report(context, options, await runs.amend(id, callId, { arguments: args, reason: options.reason }));
}

/** Prints the id of the new run. */
export async function forkRun(
  context: Context,
  id: string,
  options: OnlineOptions & { fromStep: number; message?: string; reason?: string },
): Promise<void> {
  const { fromStep, message, reason } = options;
  const { runs } = await context.connect(options);
  const run = await runs.fork(id, {
    fromStep,
    ...(message !== undefined && { message }),
    ...(reason !== undefined && { reason }),
  });
  if (options.json === true) {
    context.console.json(run);
    return;
  }
  context.console.say(`Goes on from step ${fromStep} of ${id}: ${PROGRAM} runs watch ${run.id}`);
  context.console.data(run.id);
}

function report(context: Context, options: OnlineOptions, call: ToolCall): void {
  if (options.json === true) {
    context.console.json(call);
    return;
  }
  const name = printable(call.name);
  context.console.data(
    call.status === "gated"
      ? `${name} (${call.id}) waits for a decision with its new arguments: ${call.holdId ?? ""}`
      : call.status === "cancelled"
        ? `${name} (${call.id}) is cancelled; it will not be executed.`
        : `${name} (${call.id}) is ${call.status}, by the result that you gave; nothing executes it any more.`,
  );
}

function readValue(text: string, option: string): JsonValue {
  try {
    return parseJson(text);
  } catch {
    throw new UsageError(`${option} must be JSON; text stands in quotes, '"like this"'.`);
  }
}

function readObject(text: string): JsonObject {
  try {
    const value = parseJson(text);
    if (isJsonObject(value)) return value;
  } catch {
    // Told below, as what is JSON and no object.
  }
  throw new UsageError(`--arguments must be a JSON object such as '{"count": 50}'.`);
}
