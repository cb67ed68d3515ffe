import { generateKeyPairSync, sign } from "node:crypto";
import {
  CompactTree,
  EXPORT_FORMAT,
  formatCheckpoint,
  formatEntryLine,
  formatNote,
  formatVerifierKey,
  logOrigin,
  sealEntry,
  verifierKey,
  type HoldpointEvent,
} from "@holdpoint/protocol";

/** An exported log of that many entries, sealed and signed as a service does, without the time a service needs for it. */
export function makeLargeLog(orgId: string, entries: number): string {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const { x = "" } = publicKey.export({ format: "jwk" });
  const key = verifierKey(logOrigin(orgId), new Uint8Array(Buffer.from(x, "base64url")));
  const tree = new CompactTree();
  const lines: string[] = [];
  for (let index = 0; index < entries; index++) {
    const { text, hash, disclosures } = sealEntry(orgId, eventOf(index), { salt: "0".repeat(32) });
    tree.append(hash);
    lines.push(formatEntryLine({ index, hash, text, disclosures }));
  }
  const text = formatCheckpoint({ origin: logOrigin(orgId), size: entries, root: tree.root() });
  const header = {
    format: EXPORT_FORMAT,
    origin: logOrigin(orgId),
    orgId,
    keys: [formatVerifierKey(key)],
    checkpoint: formatNote(text, key, sign(null, Buffer.from(text), privateKey)),
    filter: null,
  };
  const end = { end: true, entries, checkpoints: 0 };
  return [JSON.stringify(header), ...lines, JSON.stringify(end), ""].join("\n");
}

function eventOf(index: number): HoldpointEvent {
  return {
    id: `evt_${index}`,
    type: "hold.created",
    createdAt: "2026-01-01T00:00:00.000000Z",
    actor: { kind: "agent", id: "agent_1", name: "Data manager" },
    agentId: "agent_1",
    holdId: `hold_${index}`,
    runId: null,
    toolCallId: null,
    sessionId: null,
    endUserId: null,
    actionName: "delete_records",
    actionHash: null,
    decision: null,
    rationale: null,
    data: { title: "Delete 50 records", arguments: { table_name: "users", count: index } },
  } as unknown as HoldpointEvent;
}
