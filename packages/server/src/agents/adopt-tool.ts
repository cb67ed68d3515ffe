import { z } from "zod";
import { ConfigError } from "./options.ts";
import { defineTool, type DefinedTool, type ToolOptions } from "./tool.ts";
import type { ToolContext } from "./tool-context.ts";

/**
 * A tool as other libraries have it: of the AI SDK (`tool({ description, inputSchema, execute })`, also one of an MCP
 * server) or of LangChain (`tool(fn, { name, description, schema })`, `StructuredTool`).
 */
export interface ForeignTool {
  name?: string | undefined;
  /** Text; the AI SDK also knows functions, and then it has to be given. */
  description?: unknown;
  /** The AI SDK's name of the schema, and LangChain's. A Zod object, or what carries a JSON Schema. */
  inputSchema?: unknown;
  schema?: unknown;
  // Methods, so that a tool of any input is taken as it is; what they are given has been checked by its own schema.
  execute?(input: never, options: never): unknown;
  invoke?(input: never, config?: never): unknown;
}

/** What the tool does not say itself. `name` and `description` replace its own. */
export type AdoptOptions = Omit<ToolOptions, "name" | "description" | "input" | "execute"> & {
  name?: string;
  description?: string;
  /** Instead of its own schema, where that is none that Holdpoint can show and check. */
  input?: z.ZodObject;
};

/**
 * Takes an existing tool as it is (R269): nothing in it changes, and everything of `defineTool` can be said about it.
 *
 * Throws `ConfigError` for what is no tool, runs nowhere, or whose schema changes values (see `defineTool`).
 *
 * @example
 * adoptTool(searchTool, { reversibility: "reversible" });
 * adoptTool(mcpTools["delete_issue"], { name: "delete_issue", requiresConfirmation: true });
 */
export function adoptTool(existing: ForeignTool, options: AdoptOptions = {}): DefinedTool {
  const name = options.name ?? existing.name;
  if (name === undefined)
    throw new ConfigError("A tool to adopt has no name of its own: give one, adoptTool(tool, { name: … }).");
  const description = options.description ?? existing.description;
  if (typeof description !== "string" || description === "")
    throw new ConfigError(
      `Tool "${name}": it has no description in words; give one, adoptTool(tool, { description: … }).`,
    );
  return defineTool({
    ...options,
    name,
    description,
    input: options.input ?? inputOf(name, existing),
    execute: runOf(name, existing),
  });
}

function inputOf(name: string, { inputSchema, schema }: ForeignTool): z.ZodObject {
  const given = inputSchema ?? schema;
  if (given instanceof z.ZodObject) return given;
  const json = isObject(given) && isObject(given["jsonSchema"]) ? given["jsonSchema"] : given;
  if (isObject(json) && json["type"] === "object") {
    const made = z.fromJSONSchema(json);
    if (made instanceof z.ZodObject) return made;
  }
  throw new ConfigError(
    `Tool "${name}": its schema is no Zod 4 object and no JSON Schema of an object; say what it takes, adoptTool(tool, { input: z.object({…}) }).`,
  );
}

type Run = (input: unknown, options: object) => unknown;

function runOf(name: string, existing: ForeignTool): ToolOptions["execute"] {
  const { execute, invoke } = existing as { execute?: unknown; invoke?: unknown } as {
    execute?: Run;
    invoke?: Run;
  };
  if (execute !== undefined)
    return async (args, context) => lastOf(await execute.call(existing, args, sdkOptions(context)));
  if (invoke !== undefined) return (args, context) => invoke.call(existing, args, { signal: context.signal });
  throw new ConfigError(
    `Tool "${name}": it has neither execute nor invoke, so nothing here could run it. Tools that a provider runs by itself cannot be held.`,
  );
}

/** As the AI SDK calls its tools; the messages of the conversation stay with the run. */
function sdkOptions({ toolCallId, signal }: ToolContext): object {
  return { toolCallId, messages: [], abortSignal: signal };
}

/** An AI SDK tool may tell its progress: its last word is the result. */
async function lastOf(result: unknown): Promise<unknown> {
  if (!isObject(result) || !(Symbol.asyncIterator in result)) return result;
  let last: unknown;
  for await (const value of result as unknown as AsyncIterable<unknown>) last = value;
  return last;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
