import { z } from "zod";
import { JsonValueError, toJsonObject, toJsonValue, type JsonObject, type JsonValue } from "./json-value.ts";

/** Any value that JSON carries safely; refused otherwise with the path of the offending part. */
export const jsonValueSchema = z.unknown().transform((value, context): JsonValue => {
  try {
    return toJsonValue(value);
  } catch (error) {
    if (!(error instanceof JsonValueError)) throw error;
    context.addIssue(misfit(error));
    return z.NEVER;
  }
});

/** A JSON object that carries safely. */
export const jsonObjectSchema = z.unknown().transform((value, context): JsonObject => {
  try {
    return toJsonObject(value);
  } catch (error) {
    if (!(error instanceof JsonValueError)) throw error;
    context.addIssue(misfit(error));
    return z.NEVER;
  }
});

/** As Zod says its own: where, and what, without a full stop. */
function misfit({ path, reason }: JsonValueError): { code: "custom"; message: string } {
  return { code: "custom", message: path === "" ? reason : `${path} ${reason}` };
}
