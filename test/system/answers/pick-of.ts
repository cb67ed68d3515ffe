import { createHash } from "node:crypto";

/** What that person picks: by a rule, so that whoever answers and whoever counts know it both. */
export function pickOf(endUserId: string, options: readonly string[]): string {
  const digest = createHash("sha256").update(endUserId).digest();
  return options[(digest[0] ?? 0) % options.length] ?? "";
}
