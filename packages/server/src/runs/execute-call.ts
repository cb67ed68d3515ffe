import { toJsonValue, type JsonObject, type JsonValue } from "@holdpoint/protocol";
import { storableText } from "../agents/models/storable-text.ts";
import type { ToolContext } from "../agents/tool-context.ts";
import type { DefinedTool } from "../agents/tool.ts";
import { messageOf } from "./propose-call.ts";

export type Execution = { status: "succeeded"; result: JsonValue } | { status: "failed"; error: JsonObject };

const MAX_ERROR_CHARACTERS = 4_000;

/** Runs a tool. Never throws: what the tool throws is its failure, of which the model gets the message only. */
export async function executeTool(
  tool: DefinedTool,
  args: JsonObject,
  context: ToolContext,
): Promise<Execution> {
  let result: unknown;
  try {
    result = await tool.execute(args, context);
  } catch (error) {
    context.logger.error({ err: error, tool: tool.name }, `${tool.name} failed.`);
    return { status: "failed", error: { code: "tool_failed", message: readable(messageOf(error)) } };
  }
  try {
    // A tool that returns nothing has succeeded with nothing.
    return { status: "succeeded", result: toJsonValue(tool.checkResult(result ?? null)) };
  } catch (error) {
    context.logger.error({ err: error, tool: tool.name }, `${tool.name} ran, but its result cannot be used.`);
    const message = readable(
      `'${tool.name}' was executed, but its result cannot be used: ${messageOf(error)}`,
    );
    return { status: "failed", error: { code: "result_invalid", message } };
  }
}

/** As text that the database takes, and not without end. */
function readable(message: string): string {
  const text = storableText(message).slice(0, MAX_ERROR_CHARACTERS);
  return text === "" ? "It failed without saying why." : text;
}
