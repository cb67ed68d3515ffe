import { generateKeyPairSync, hash, sign } from "node:crypto";
import { open } from "node:fs/promises";
import {
  CompactTree,
  createId,
  EXPORT_FORMAT,
  formatCheckpoint,
  formatEntryLine,
  formatNote,
  formatVerifierKey,
  logOrigin,
  sealEntry,
  verifierKey,
  type Hasher,
  type HoldpointEvent,
} from "@holdpoint/protocol";

const ORG_ID = "org_bench";
const SALT = "5a".repeat(16);
/** Lines that are written at once. */
const BATCH = 1_000;

const hasher: Hasher = {
  bytes: (data) => hash("sha256", data, "buffer"),
  text: (data) => hash("sha256", data, "base64url"),
};

/** Writes an export with so many entries, each one of the events again under a new id. It is in every part as a real one. */
export async function writeLog(file: string, events: readonly HoldpointEvent[], size: number): Promise<void> {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const raw = publicKey.export({ format: "der", type: "spki" }).subarray(-32);
  const origin = logOrigin(ORG_ID);
  const key = verifierKey(origin, new Uint8Array(raw));
  const tree = new CompactTree(hasher);
  const entries = await open(`${file}.entries`, "w+");
  try {
    let lines: string[] = [];
    for (let index = 0; index < size; index++) {
      const event = events[index % events.length];
      if (event === undefined) throw new Error("There are no events to write a log of.");
      const { text, hash, disclosures } = sealEntry(
        ORG_ID,
        { ...event, id: createId("evt") },
        { salt: SALT },
        hasher,
      );
      tree.append(hash);
      lines.push(`${formatEntryLine({ index, hash, text, disclosures })}\n`);
      if (lines.length === BATCH || index === size - 1) {
        await entries.write(lines.join(""));
        lines = [];
      }
    }
    const signed = formatCheckpoint({ origin, size, root: tree.root() });
    const checkpoint = formatNote(signed, key, sign(null, Buffer.from(signed), privateKey));
    const header = {
      format: EXPORT_FORMAT,
      origin,
      orgId: ORG_ID,
      keys: [formatVerifierKey(key)],
      checkpoint,
      filter: null,
    };
    await using whole = await open(file, "w");
    await whole.write(`${JSON.stringify(header)}\n`);
    for await (const chunk of entries.createReadStream({ start: 0, autoClose: false }))
      await whole.write(chunk as Uint8Array);
    await whole.write(`${JSON.stringify({ end: true, entries: size, checkpoints: 0 })}\n`);
  } finally {
    await entries.close();
  }
}
