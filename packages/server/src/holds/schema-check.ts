import { canonicalJson, type JsonObject, type JsonValue } from "@holdpoint/protocol";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormatsModule from "ajv-formats";

/** Where and what, for a value that does not fit its schema. */
export interface Misfit {
  path: string;
  message: string;
}

const REMEMBERED_SCHEMAS = 500;
const MAX_SCHEMA_CHARACTERS = 64_000;

// The package is CommonJS: its types name the function as the default export, Node gives the module.
const addFormats = ("default" in addFormatsModule ? addFormatsModule.default : addFormatsModule) as (
  ajv: Ajv2020,
) => Ajv2020;

/** Checks values against JSON Schemas; compiled ones are remembered. Never coerces, never fills in. */
export class SchemaCheck {
  readonly #ajv = addFormats(
    new Ajv2020({
      strict: false,
      allErrors: true,
      validateFormats: true,
      logger: false,
      addUsedSchema: false,
    }),
  );
  readonly #validators = new Map<string, ValidateFunction>();

  /** Every misfit of the value; empty when it fits. */
  check(schema: JsonObject, value: JsonValue): Misfit[] {
    const validate = this.#compiled(schema);
    if (validate(value)) return [];
    return (validate.errors ?? []).slice(0, 50).map((error) => ({
      path: error.instancePath.slice(1).replaceAll("/", "."),
      message:
        error.keyword === "additionalProperties"
          ? `unknown: ${String(error.params["additionalProperty"])}`
          : (error.message ?? "does not fit"),
    }));
  }

  /**
   * Why a schema that came over the API cannot be used; undefined when it can. Patterns are refused there: a regular
   * expression of a stranger can hold up the process.
   */
  refuseSchema(schema: JsonObject): string | undefined {
    if (JSON.stringify(schema).length > MAX_SCHEMA_CHARACTERS)
      return `has more than ${MAX_SCHEMA_CHARACTERS} characters`;
    const banned = findBanned(schema);
    if (banned !== undefined) return `uses "${banned}", which is only taken from schemas of the config file`;
    try {
      this.#compiled(schema);
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : "is not a JSON Schema";
    }
  }

  #compiled(schema: JsonObject): ValidateFunction {
    const key = canonicalJson(schema);
    const known = this.#validators.get(key);
    if (known !== undefined) return known;
    // $id and $schema would make two schemas of one name collide.
    const { $id: _id, $schema: _schema, ...rest } = schema;
    const validate = this.#ajv.compile(rest);
    if (this.#validators.size >= REMEMBERED_SCHEMAS) {
      const [oldest] = this.#validators.keys();
      if (oldest !== undefined) this.#validators.delete(oldest);
    }
    this.#validators.set(key, validate);
    return validate;
  }
}

function findBanned(value: JsonValue): string | undefined {
  if (Array.isArray(value)) {
    for (const item of value) {
      const found = findBanned(item);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  for (const [key, member] of Object.entries(value)) {
    if (
      (["pattern", "$ref", "$dynamicRef"].includes(key) && typeof member === "string") ||
      key === "patternProperties" ||
      // Ajv would make a validator of promises of it: every answer fits, and one that does not ends the process.
      key === "$async"
    ) {
      return key;
    }
    const found = findBanned(member);
    if (found !== undefined) return found;
  }
  return undefined;
}
