import type { JsonValue } from "@holdpoint/protocol";

/** Text that PostgreSQL takes: no U+0000 (written as U+FFFD instead), no half characters. */
export function storableText(text: string): string {
  return text.replaceAll("\u0000", "\uFFFD").toWellFormed();
}

/** JSON whose every name and text is storable. What a model says is kept verbatim otherwise. */
export function storableJson(value: JsonValue): JsonValue {
  if (typeof value === "string") return storableText(value);
  if (Array.isArray(value)) return value.map(storableJson);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [storableText(name), storableJson(member)]),
  );
}
