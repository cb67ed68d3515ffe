import { z } from "zod";

/** An instant as it leaves the database: ISO 8601 in UTC, up to microseconds. */
export const instantSchema = z.string().describe("An instant, ISO 8601 in UTC, up to microseconds.");

/** Text that PostgreSQL can store: no U+0000, bounded. */
export function textSchema(maxLength: number, minLength = 0): z.ZodString {
  return z
    .string()
    .min(minLength)
    .max(maxLength)
    .refine((text) => !text.includes("\u0000"), "must not contain U+0000")
    .refine((text) => text.isWellFormed(), "must not contain lone surrogates");
}

/** The app's own ids for its end users, sessions and transactions. */
export const appIdSchema = textSchema(200, 1);
