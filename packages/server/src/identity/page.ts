import { isId } from "@holdpoint/protocol";
import { refusal } from "./refusal.ts";

export interface PageOptions {
  limit: number;
  cursor?: string | undefined;
}

export interface Page<Item> {
  data: Item[];
  nextCursor: string | null;
}

export function parseCursor(prefix: "key" | "mem", cursor: string): string {
  if (isId(prefix, cursor)) return cursor;
  const message = "The cursor is not one that this list gave.";
  throw refusal("invalid_request", message, { errors: [{ path: "cursor", message }] });
}

/** Of a page with one more than asked for. */
export function toPage<Item extends { id: string }>(items: Item[], limit: number): Page<Item> {
  const data = items.slice(0, limit);
  return { data, nextCursor: items.length > limit ? (data.at(-1)?.id ?? null) : null };
}
