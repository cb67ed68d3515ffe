import { canonicalJson, isJsonObject, type JsonObject, type JsonValue } from "@holdpoint/protocol";
import { STEP_MEMBERS } from "./service.ts";

/**
 * What of a payload an approval does not show, by the names of its members; nothing where it covers all of it (I1, I8).
 *
 * Details cover a payload when their `service_id` is the service's and each member but `intent` and `transaction_id` stands in
 * them, or in their `payload`, with the same value. Where they have a `payload`, that is all that may be executed, or nothing of
 * it (a bare `confirm`). An alternative that was selected has to be in the payload. An intent that was shown is the one that is
 * carried out, or its confirmation.
 */
export function uncoveredMembers(details: JsonObject, serviceId: string, payload: JsonObject): string[] {
  const shown = isJsonObject(details["payload"]) ? details["payload"] : undefined;
  const places = shown === undefined ? [details] : [details, shown];
  const shownAs = (name: string): JsonValue[] =>
    places.filter((place) => Object.hasOwn(place, name)).map((place) => place[name] ?? null);
  const members = Object.keys(payload).filter((name) => !STEP_MEMBERS.includes(name));
  const isSame = (name: string): boolean => {
    const values = shownAs(name);
    return values.length > 0 && values.every((value) => isEqual(value, payload[name] ?? null));
  };
  const missing = members.filter((name) => !isSame(name));
  if (details["service_id"] !== serviceId) missing.unshift("service_id");
  if (shown !== undefined && members.length > 0) {
    missing.push(
      ...Object.keys(shown).filter((name) => !STEP_MEMBERS.includes(name) && !Object.hasOwn(payload, name)),
    );
  }
  if (Object.hasOwn(details, SELECTED) && !isSame(SELECTED)) missing.push(SELECTED);
  const intents = shownAs("intent");
  const { intent = null } = payload;
  if (!isConfirming(intent) && intents.some((value) => !isEqual(value, intent))) missing.push("intent");
  return [...new Set(missing)];
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
