import { canonicalJson, isJsonObject, type JsonObject, type JsonValue } from "@holdpoint/protocol";
import { STEP_MEMBERS, type DefinedService } from "./service.ts";

/**
 * What of a payload an approval does not show, by the names of its members; nothing where it covers all of it (I1, I8).
 *
 * Details cover a payload when their `service_id` is the service's and each member but `intent` and `transaction_id` stands in
 * them, or in their `payload`, with the same value; and when all that they show of a payload is in it, since what is left out may
 * be what makes it harmless (`where`). That is their `payload`, and beside it, or without one, what the service takes.
 * An alternative that was selected has to be in the payload. An intent is the one that was shown, or its confirmation; a
 * transaction that was named in what was shown is the one that it is carried out in.
 */
export function uncoveredMembers(
  details: JsonObject,
  {
    service: { id, members: taken },
    payload,
    transactionId,
  }: { service: Pick<DefinedService, "id" | "members">; payload: JsonObject; transactionId: string },
): string[] {
  const shown = isJsonObject(details["payload"]) ? details["payload"] : undefined;
  const places = shown === undefined ? [details] : [details, shown];
  const shownAs = (name: string): JsonValue[] =>
    places.filter((place) => Object.hasOwn(place, name)).map((place) => place[name] ?? null);
  const isSame = (name: string): boolean => {
    const values = shownAs(name);
    return values.length > 0 && values.every((value) => isEqual(value, payload[name] ?? null));
  };
  const missing = Object.keys(payload).filter((name) => !STEP_MEMBERS.includes(name) && !isSame(name));
  if (details["service_id"] !== id) missing.unshift("service_id");
  // Of a service that takes anything nobody can tell what is context, unless the payload is shown apart.
  const isContext = (name: string): boolean =>
    taken === undefined ? shown !== undefined : !taken.includes(name);
  const meant = [
    ...Object.keys(shown ?? {}),
    ...Object.keys(details).filter(
      (name) => name !== "service_id" && !(name === "payload" && shown !== undefined) && !isContext(name),
    ),
  ];
  missing.push(...meant.filter((name) => !STEP_MEMBERS.includes(name) && !Object.hasOwn(payload, name)));
  if (Object.hasOwn(details, SELECTED) && !isSame(SELECTED)) missing.push(SELECTED);
  const intents = shownAs("intent");
  const { intent = null } = payload;
  const isShown = intents.length === 0 ? intent === null : intents.every((value) => isEqual(value, intent));
  if (!isShown && !isConfirming(intent)) missing.push("intent");
  if (shownAs("transaction_id").some((value) => value !== null && value !== transactionId))
    missing.push("transaction_id");
  return [...new Set(missing)];
}

/**
 * The payload that approved details show: what a bare `confirm` of their transaction means. Beside or without a `payload` of
 * theirs, that is what the service takes.
 */
export function approvedPayload(
  details: JsonObject,
  { members: taken }: Pick<DefinedService, "members">,
): JsonObject {
  const shown = isJsonObject(details["payload"]) ? details["payload"] : undefined;
  const beside = Object.entries(details).filter(
    ([name]) =>
      name !== "service_id" &&
      !STEP_MEMBERS.includes(name) &&
      !(name === "payload" && shown !== undefined) &&
      (taken === undefined ? shown === undefined : taken.includes(name)),
  );
  const inside = Object.entries(shown ?? {}).filter(([name]) => !STEP_MEMBERS.includes(name));
  return Object.fromEntries([...beside, ...inside]);
}

/** Where an approver's choice among alternatives stands in the details. */
export const SELECTED = "selected_alternative";

/** R117: the step that finalises a transaction. */
export function isConfirming(intent: JsonValue): boolean {
  return typeof intent === "string" && /^confirm(_|$)/.test(intent);
}

function isEqual(left: JsonValue, right: JsonValue): boolean {
  return canonicalJson(left) === canonicalJson(right);
}
