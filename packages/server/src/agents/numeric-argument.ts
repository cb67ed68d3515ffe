import { isJsonObject, type JsonObject } from "@holdpoint/protocol";
import { ConfigError } from "./options.ts";

/** The top-level arguments that are numbers, as thresholds compare them. */
export function numericArguments(inputSchema: JsonObject): string[] {
  const properties = inputSchema["properties"];
  if (!isJsonObject(properties)) return [];
  return Object.entries(properties).flatMap(([name, schema]) =>
    isJsonObject(schema) && (schema["type"] === "number" || schema["type"] === "integer") ? [name] : [],
  );
}

/** A misspelt name would compare with nothing, for ever (defect 4): refused when the config loads. */
export function checkNumericArgument(
  subject: string,
  option: string,
  name: string,
  inputSchema: JsonObject,
): void {
  const numeric = numericArguments(inputSchema);
  if (numeric.includes(name)) return;
  throw new ConfigError(
    `${subject}: option "${option}" names "${name}", which is no numeric argument. Numeric arguments: ${numeric.join(", ") || "none"}.`,
  );
}
