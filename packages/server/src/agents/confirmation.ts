import { DECIDING_ROLES, nearestName, type JsonObject } from "@holdpoint/protocol";
import type { Confirmation } from "@holdpoint/core";
import { checkNumericArgument, numericArguments } from "./numeric-argument.ts";
import { checkOptions, ConfigError, kindOf, number, oneOf, required, text } from "./options.ts";
import type { CallContext } from "./tool-context.ts";

type DecidingRole = (typeof DECIDING_ROLES)[number];

/** A role, in any case: `"manager"`, `"MANAGER"` (R251). */
export type ConfirmationRole = DecidingRole | Uppercase<DecidingRole>;

export interface ConfirmationThreshold {
  threshold: number;
  /** A numeric argument. Default the tool's `value`, or its only numeric argument. */
  of?: string;
  /** Default `gte`: held at the threshold and above. */
  comparator?: "gte" | "gt";
}

export type ConfirmationOption<Args> =
  | boolean
  | ConfirmationRole
  | ConfirmationThreshold
  | ((args: Args, context: CallContext) => boolean | ConfirmationRole | Promise<boolean | ConfirmationRole>);

/** `requiresConfirmation` after its check. */
export type DefinedConfirmation =
  | { type: "absent" }
  | { type: "fixed"; confirmation: Confirmation }
  | { type: "function"; ask(args: JsonObject, context: CallContext): unknown };

export function defineConfirmation(
  subject: string,
  option: ConfirmationOption<JsonObject> | undefined,
  tool: { hasValue: boolean; inputSchema: JsonObject },
): DefinedConfirmation {
  if (option === undefined) return { type: "absent" };
  if (typeof option === "function") return { type: "function", ask: option };
  if (typeof option === "boolean") return { type: "fixed", confirmation: option };
  if (typeof option === "string") {
    const role = findRole(option);
    if (role !== undefined) return { type: "fixed", confirmation: { role } };
    const nearest = nearestName(option, DECIDING_ROLES);
    throw new ConfigError(
      `${subject}: requiresConfirmation names the role "${option as string}"; roles that decide are ${DECIDING_ROLES.join(", ")}.` +
        (nearest === undefined ? "" : ` Did you mean "${nearest}"?`),
    );
  }
  return { type: "fixed", confirmation: defineThreshold(subject, option, tool) };
}

function defineThreshold(
  subject: string,
  option: ConfirmationThreshold,
  tool: { hasValue: boolean; inputSchema: JsonObject },
): Confirmation {
  checkOptions(`${subject}, requiresConfirmation`, option, {
    threshold: required(number(-Number.MAX_VALUE, Number.MAX_VALUE)),
    of: text(200),
    comparator: oneOf(["gte", "gt"]),
  });
  const of = option.of ?? (tool.hasValue ? undefined : onlyNumericArgument(subject, tool.inputSchema));
  if (of !== undefined) checkNumericArgument(subject, "requiresConfirmation.of", of, tool.inputSchema);
  return { threshold: option.threshold, of, comparator: option.comparator ?? "gte" };
}

function onlyNumericArgument(subject: string, inputSchema: JsonObject): string {
  const numeric = numericArguments(inputSchema);
  const [only, ...others] = numeric;
  if (only !== undefined && others.length === 0) return only;
  throw new ConfigError(
    `${subject}: requiresConfirmation has a threshold but does not say of what: name a numeric argument in "of" ` +
      `(${numeric.join(", ") || "there is none"}), or give the tool a "value".`,
  );
}

function findRole(text: string): DecidingRole | undefined {
  return DECIDING_ROLES.find((role) => role === text.toLowerCase());
}

/**
 * What `requiresConfirmation` comes to for these arguments; undefined where the tool does not say. A function that
 * throws or answers something else confirms nothing: the action is held (I10), and `problem` says why.
 */
export async function resolveConfirmation(
  confirmation: DefinedConfirmation,
  args: JsonObject,
  context: CallContext,
): Promise<{ confirmation: Confirmation | undefined; problem?: string }> {
  if (confirmation.type === "absent") return { confirmation: undefined };
  if (confirmation.type === "fixed") return { confirmation: confirmation.confirmation };
  try {
    const answer = await confirmation.ask(args, context);
    if (typeof answer === "boolean") return { confirmation: answer };
    const role = typeof answer === "string" ? findRole(answer) : undefined;
    if (role !== undefined) return { confirmation: { role } };
    return {
      confirmation: true,
      problem: `requiresConfirmation answered ${kindOf(answer)} instead of true, false or a role`,
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { confirmation: true, problem: `requiresConfirmation failed: ${reason}` };
  }
}
