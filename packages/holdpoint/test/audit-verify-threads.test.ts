import { generateKeyPairSync, sign } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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
import { afterAll, expect, test } from "vitest";
import { nativeHasher } from "../src/cli/audit/native-hasher.ts";
import { FakeWorld } from "./fake-world.ts";

const folder = mkdtempSync(join(tmpdir(), "holdpoint-log-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A log large enough for threads, with an older checkpoint in the middle. */
function writeLog(entries: number): string[] {
  const orgId = "org_test";
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const raw = publicKey.export({ format: "der", type: "spki" }).subarray(-32);
  const key = verifierKey(logOrigin(orgId), new Uint8Array(raw));
  const tree = new CompactTree(nativeHasher);
  const checkpoint = (): string => {
    const text = formatCheckpoint({ origin: logOrigin(orgId), size: tree.size, root: tree.root() });
    return formatNote(text, key, sign(null, Buffer.from(text), privateKey));
  };
  const lines: string[] = [];
  for (let index = 0; index < entries; index++) {
    const event: HoldpointEvent = {
      id: `evt_${index}`,
      type: "hold.created",
      createdAt: "2026-08-01T12:00:00.000000Z",
      actor: { kind: "agent", id: "billing", name: null },
      decision: null,
      rationale: null,
      actionName: "refund",
      actionHash: null,
      holdId: `hold_${index}`,
      runId: null,
      toolCallId: null,
      sessionId: "s",
      agentId: "billing",
      endUserId: null,
      data: { order: index, note: "für Käthe ".repeat(40) },
    };
    const { text, hash, disclosures } = sealEntry(orgId, event, { salt: "00".repeat(16) }, nativeHasher);
    tree.append(hash);
    lines.push(formatEntryLine({ index, hash, text, disclosures }));
    if (index === entries / 2) lines.push(JSON.stringify({ checkpoint: checkpoint() }));
  }
  const header = {
    format: EXPORT_FORMAT,
    origin: logOrigin(orgId),
    orgId,
    keys: [formatVerifierKey(key)],
    checkpoint: checkpoint(),
    filter: null,
  };
  return [JSON.stringify(header), ...lines, JSON.stringify({ end: true, entries, checkpoints: 1 })];
}

test("a large log is verified by threads, and everything is found as it is by one", async () => {
  const lines = writeLog(4_400);
  const at = 3_000;
  const variants: [string, string[], RegExp][] = [
    ["untouched", lines, /"ok":true,.*"entries":4400/],
    ["without a last line end", lines, /"ok":true/],
    ["a value", lines.with(at, lines[at]?.replace("Käthe", "Klaus") ?? ""), /"line":3001,"index":2998/],
    [
      "an entry",
      lines.with(at, lines[at]?.replace('"refund"', '"payout"') ?? ""),
      /"line":3001,"index":2998/,
    ],
    ["no entry at all", lines.with(at, '{"index":x}'), /"line":3001,"index":2998/],
    ["taken out", lines.toSpliced(at, 1), /"line":3001,"index":2998/],
    ["the checkpoint taken out", lines.toSpliced(2_202, 1), /older checkpoints instead of 1/],
    [
      "the checkpoint elsewhere",
      lines.toSpliced(2_202, 1).toSpliced(at, 0, lines[2_202] ?? ""),
      /does not belong here/,
    ],
    ["cut off", lines.slice(0, at), /breaks off after entry 2997/],
    ["something behind the end", [...lines, lines[5] ?? ""], /more after the end/],
  ];
  for (const [name, changed, expected] of variants) {
    const text = changed.join("\n") + (name.startsWith("without") ? "" : "\n");
    const file = join(folder, "log.jsonl");
    writeFileSync(file, text);
    const byThreads = await new FakeWorld().run("audit", "verify", file, "--json");
    const world = new FakeWorld();
    world.stdin.end(text);
    const byOne = await world.run("audit", "verify", "-", "--json");
    expect([name, byThreads]).toEqual([name, byOne]);
    expect(byThreads.stdout).toMatch(expected);
  }
  expect(Buffer.byteLength(lines.join("\n"))).toBeGreaterThan(4_000_000);
});
