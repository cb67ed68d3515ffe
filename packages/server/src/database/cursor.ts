import { z } from "zod";
import { ProblemError } from "../problem.ts";

const cursorSchema = z.tuple([z.string(), z.string(), z.string().nullable()]);

export interface Cursor {
  id: string;
  /** The value that the list is sorted by, when that is not the id. */
  key: string | null;
}

/** A place in a list, opaque to callers; names its sort, so that it cannot be used with another. */
export function encodeCursor(sort: string, cursor: Cursor): string {
  return Buffer.from(JSON.stringify([sort, cursor.id, cursor.key])).toString("base64url");
}

/** Throws `invalid_request` for anything that this server has not given out for this sort. */
export function decodeCursor(text: string, sort: string): Cursor {
  try {
    const [sortOfCursor, id, key] = cursorSchema.parse(
      JSON.parse(Buffer.from(text, "base64url").toString("utf8")),
    );
    if (sortOfCursor === sort && !id.includes("\u0000") && key?.includes("\u0000") !== true)
      return { id, key };
  } catch {
    // Told below: whatever is wrong with it, the caller can only start again.
  }
  throw new ProblemError(
    "invalid_request",
    "The cursor is not one of this list. Start again without a cursor.",
    {
      errors: [{ path: "cursor", message: "is not one of this list" }],
    },
  );
}
