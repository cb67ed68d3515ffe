import { z } from "zod";
import { canonicalJson } from "../canonical-json.ts";
import { jsonObjectSchema, jsonValueSchema } from "../json-schema.ts";
import type { EventType } from "../event.ts";
import { fromBase64 } from "./base64.ts";
import { verifyCheckpoint, type Checkpoint } from "./checkpoint.ts";
import { openEntry, type OpenedEntry } from "./leaf.ts";
import { isSameHash, leafHash, rootOfInclusion } from "./merkle.ts";
import { ProofError } from "./proof-error.ts";
import { parseVerifierKey, type VerifierKey } from "./signed-note.ts";

export const RECEIPT_FORMAT = "holdpoint-receipt/1";
/** How a hold ends: with one of these a receipt ends too. */
export const HOLD_ENDS = [
  "hold.decided",
  "hold.expired",
  "hold.cancelled",
] as const satisfies readonly EventType[];

/** The proof of a decision: what was presented and what was decided, each with its way to a signed checkpoint. */
export const receiptSchema = z.object({
  format: z.literal(RECEIPT_FORMAT),
  holdId: z.string(),
  origin: z.string(),
  /** Verifier keys of https://c2sp.org/signed-note. Believing them is up to the reader. */
  keys: z.array(z.string()).min(1).max(64),
  checkpoint: z.string(),
  /** Oldest first. */
  entries: z
    .array(
      z.object({
        index: z.int().nonnegative(),
        leaf: jsonObjectSchema,
        /** `[salt, member, value]` */
        disclosures: z.array(z.tuple([z.string(), z.string(), jsonValueSchema])),
        /** From the leaf's sibling to the root's child, in base64 (RFC 6962 section 2.1.1). */
        proof: z.array(z.string()).max(64),
      }),
    )
    .min(2),
});
export type Receipt = z.infer<typeof receiptSchema>;

export interface VerifiedReceipt {
  checkpoint: Checkpoint;
  entries: (OpenedEntry & { index: number })[];
}

/**
 * Verifies a receipt offline: each entry is in the log of the signed checkpoint, says what is disclosed of it, and is
 * about this hold, which was first presented and then ended.
 *
 * Without `keys` the receipt's own are used: then it proves only that it fits itself. Throws ProofError.
 */
export async function verifyReceipt(
  value: unknown,
  options: { keys?: readonly VerifierKey[] } = {},
): Promise<VerifiedReceipt> {
  const parsed = receiptSchema.safeParse(value);
  if (!parsed.success) throw new ProofError("malformed_receipt", "This is not a receipt.");
  const receipt = parsed.data;
  const checkpoint = await verifyCheckpoint(
    receipt.checkpoint,
    options.keys ?? receipt.keys.map(parseVerifierKey),
  );
  if (checkpoint.origin !== receipt.origin) {
    throw new ProofError(
      "wrong_log",
      `The checkpoint is of ${checkpoint.origin}, the receipt of ${receipt.origin}.`,
    );
  }
  const entries = receipt.entries.map((entry) => openReceiptEntry(entry, receipt.holdId, checkpoint));
  const [presented] = entries;
  const ended = entries.at(-1);
  if (
    presented?.event["type"] !== "hold.created" ||
    ended === undefined ||
    !HOLD_ENDS.some((type) => type === ended.event["type"]) ||
    !(presented.index < ended.index)
  ) {
    throw new ProofError(
      "malformed_receipt",
      "A receipt has what was presented first, and how it ended after it.",
    );
  }
  return { checkpoint, entries };
}

function openReceiptEntry(
  entry: Receipt["entries"][number],
  holdId: string,
  checkpoint: Checkpoint,
): OpenedEntry & { index: number } {
  const { index } = entry;
  const text = canonicalJson(entry.leaf);
  const hashes = entry.proof.map((hash) => fromBase64(hash) ?? new Uint8Array(0));
  const root = rootOfInclusion(leafHash(text), { index, size: checkpoint.size, hashes });
  if (!isSameHash(root, checkpoint.root)) {
    throw new ProofError("wrong_root", `Entry ${index} is not in the log that the checkpoint is of.`);
  }
  const opened = openEntry(
    text,
    entry.disclosures.map((disclosure) => canonicalJson(disclosure)),
  );
  if (opened.event["holdId"] !== holdId) {
    throw new ProofError("wrong_entry", `Entry ${index} is not about ${holdId}.`);
  }
  return { index, ...opened };
}
