import { z } from "zod";
import { ProblemError } from "../problem.ts";

/** What any list takes. */
export const pageSchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(1_000).optional(),
});

const cursorSchema = z.tuple([z.string(), z.string(), z.int().min(0)]);

/**
 * A page of a list that is known as a whole. The cursor names the last item that was shown, and its place for the case that it is
 * gone by then. Throws `invalid_request` for a cursor of another list.
 */
export function pageOf<Item>(
  list: string,
  items: readonly Item[],
  idOf: (item: Item) => string,
  { limit, cursor }: z.output<typeof pageSchema>,
): { data: Item[]; nextCursor: string | null } {
  const start = cursor === undefined ? 0 : startAfter(list, items.map(idOf), cursor);
  const end = start + limit;
  const data = items.slice(start, end);
  const last = data.at(-1);
  const hasMore = last !== undefined && end < items.length;
  return { data, nextCursor: hasMore ? encode([list, idOf(last), end - 1]) : null };
}

function startAfter(list: string, ids: readonly string[], cursor: string): number {
  const parsed = cursorSchema.safeParse(decode(cursor));
  if (!parsed.success || parsed.data[0] !== list) {
    throw new ProblemError("invalid_request", "The cursor is not one that this list gave.", {
      errors: [{ path: "cursor", message: "is not one of this list" }],
    });
  }
  const [, id, place] = parsed.data;
  const found = ids.indexOf(id);
  return found === -1 ? place : found + 1;
}

function encode(cursor: z.output<typeof cursorSchema>): string {
  return Buffer.from(JSON.stringify(cursor)).toString("base64url");
}

function decode(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, "base64url").toString());
  } catch {
    return undefined;
  }
}
