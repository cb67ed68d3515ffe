import { isJsonObject, toJsonValue, type JsonObject } from "@holdpoint/protocol";
import { z } from "zod";
import { ConfigError } from "./options.ts";

/** The two JSON Schemas of a tool's arguments. */
export interface ToolSchemas {
  /** What the model is given: members with a default may be left out. */
  inputSchema: JsonObject;
  /** What parsed arguments satisfy, and what a reviewer's change must satisfy: members with a default are there. */
  argumentsSchema: JsonObject;
}

/**
 * JSON Schema of a tool's Zod input. Members that the schema does not name are refused, not dropped, unless it is a
 * loose object: what a model invented must not vanish before a person sees it.
 *
 * Throws `ConfigError` with the path for everything that would make the value that is stored another than the one
 * that was given (transforms, coercions, preprocessing), or that JSON cannot carry (dates, maps, big integers).
 */
export function toolSchemas(toolName: string, input: unknown): ToolSchemas {
  if (!(input instanceof z.ZodObject)) {
    throw new ConfigError(`Tool "${toolName}": option "input" must be a Zod object, z.object({...}).`);
  }
  const subject = `Tool "${toolName}"`;
  refuseChangingSchemas(subject, input, "input", new Set());
  return {
    inputSchema: render(subject, input, "input"),
    argumentsSchema: render(subject, input, "output"),
  };
}

/** The JSON Schema of an answer: what a person may leave out because it has a default need not be there. Throws as above. */
export function answerSchema(schema: z.ZodType): JsonObject {
  refuseChangingSchemas("A question", schema, "schema", new Set());
  return render("A question", schema, "input");
}

function render(subject: string, input: z.ZodType, io: "input" | "output"): JsonObject {
  try {
    const { $schema: _ignored, ...schema } = z.toJSONSchema(input, {
      io,
      override({ zodSchema, jsonSchema }) {
        if (zodSchema._zod.def.type === "object" && zodSchema._zod.def.catchall === undefined) {
          jsonSchema.additionalProperties = false;
        }
      },
    });
    const json = toJsonValue(JSON.parse(JSON.stringify(schema)));
    if (!isJsonObject(json)) throw new TypeError("is no object");
    return json;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError(`${subject}: its input has no JSON Schema: ${reason}`, error);
  }
}

const CHANGING: Record<string, string> = {
  transform: "a transform",
  pipe: "a pipe, transform or preprocess",
  catch: "a catch",
  promise: "a promise",
  function: "a function",
  success: "a success schema",
};

/** Walks the definition; Zod keeps nested schemas in a few known members. */
function refuseChangingSchemas(
  subject: string,
  schema: z.core.$ZodType,
  path: string,
  seen: Set<unknown>,
): void {
  if (seen.has(schema)) return;
  seen.add(schema);
  const def = schema._zod.def as z.core.$ZodTypeDef & Record<string, unknown>;
  const what = CHANGING[def.type] ?? (def["coerce"] === true ? "a coercion" : changingCheck(def));
  if (what !== undefined) {
    throw new ConfigError(
      `${subject}: ${path} is ${what}. What a person approves or answers must be exactly what is used, so values may be ` +
        `checked but not changed: describe the value as it comes, and convert it inside execute.`,
    );
  }
  for (const [name, child] of childrenOf(schema, def))
    refuseChangingSchemas(subject, child, `${path}${name}`, seen);
}

/** `.trim()`, `.toLowerCase()` and `.overwrite()` are checks that change the value. */
function changingCheck(def: z.core.$ZodTypeDef): string | undefined {
  const isChanging = def.checks?.some((check) => check._zod.def.check === "overwrite") === true;
  return isChanging ? "changed by a check (trim, case or overwrite)" : undefined;
}

function childrenOf(
  schema: z.core.$ZodType,
  def: Record<string, unknown>,
): readonly (readonly [string, z.core.$ZodType])[] {
  const children: [string, z.core.$ZodType][] = [];
  const add = (name: string, child: unknown): void => {
    if (typeof child === "object" && child !== null && "_zod" in child)
      children.push([name, child as z.core.$ZodType]);
  };
  for (const [name, child] of Object.entries(def["shape"] ?? {})) add(`.${name}`, child);
  for (const list of ["options", "items"]) {
    if (Array.isArray(def[list])) def[list].forEach((child: unknown, index) => add(`[${index}]`, child));
  }
  for (const name of ["element", "valueType", "keyType", "rest"]) add("[]", def[name]);
  for (const name of ["innerType", "left", "right", "catchall"]) add("", def[name]);
  if (def["type"] === "lazy") add("", (schema._zod as unknown as { innerType: unknown }).innerType);
  return children;
}
