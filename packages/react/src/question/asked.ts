import type { AuthorizationQuestion, JsonObject, JsonValue, Question } from "@holdpoint/protocol";

/** A question of a type that these components know how to ask. */
export type Asked = Question | AuthorizationQuestion;

const TYPES: ReadonlySet<JsonValue | undefined> = new Set<Asked["type"]>([
  "action",
  "input",
  "choice",
  "value",
  "verification",
  "custom",
  "authorization",
]);

/** The stored question as its type; undefined for one of a later version, which is shown as it stands. */
export function readAsked(question: JsonObject): Asked | undefined {
  return TYPES.has(question["type"]) ? (question as unknown as Asked) : undefined;
}

/** A link that a button may lead to. The service refuses others already; a page does not rely on it. */
export function isSafeLink(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  if (protocol === "https:") return true;
  return protocol === "http:" && ["localhost", "127.0.0.1", "[::1]"].includes(hostname);
}
