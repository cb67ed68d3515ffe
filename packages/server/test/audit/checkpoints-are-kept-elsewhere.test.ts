import { appendFileSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ExportedCheckpoint } from "../../src/audit/checkpoint-exports.ts";
import { openTestStore, type OpenTestStore } from "../../src/testing/stores.ts";
import { startTestService } from "../../src/testing/test-service.ts";
import { exportLines, untilSigned, verifyLines } from "./audit-fixture.ts";

let store: OpenTestStore;
let folder: string;
beforeAll(async () => {
  store = await openTestStore("postgres");
  folder = mkdtempSync(join(tmpdir(), "holdpoint-checkpoints-"));
});
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

async function withService<T>(
  checkpoints: object,
  work: (propose: () => Promise<string>, orgId: string) => Promise<T>,
) {
  const service = await startTestService(store, { checkpoints });
  const orgId = service.service.firstAdmin?.orgId ?? "";
  try {
    return await work(async () => {
      await service.call("POST", "/v1/holds", { key: service.agentKey, body: { action: { name: "x" } } });
      await untilSigned(store.database, orgId);
      return "";
    }, orgId);
  } finally {
    await service.stop();
  }
}

const read = (file: string): ExportedCheckpoint[] =>
  readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as ExportedCheckpoint);

test("in a file that only grows, goes on after a restart, and is made whole again when it is moved away", async () => {
  const file = join(folder, "deep", "checkpoints.jsonl");
  await withService({ file }, async (propose) => {
    await propose();
    await propose();
  });
  const first = read(file);
  expect(first.length).toBeGreaterThanOrEqual(2);
  // Killed in the middle of a line.
  appendFileSync(file, '{"position":99,"orgId":"org_');
  const orgId = await withService({ file }, async (propose, id) => {
    await propose();
    return id;
  });
  const second = read(file);
  expect(second.slice(0, first.length)).toEqual(first);
  expect(second.length).toBeGreaterThan(first.length);
  expect(new Set(second.map(({ position }) => position)).size).toBe(second.length);
  renameSync(file, `${file}.old`);
  await withService({ file }, async (propose) => {
    await propose();
  });
  const third = read(file);
  expect(third.slice(0, second.length)).toEqual(second);
  const checkpoints = third.map(({ checkpoint }) => checkpoint);
  const verified = await verifyLines(await exportLines(store.database, orgId), { checkpoints });
  expect(verified.checkpointsElsewhere).toBe(third.length);
});

test("at a webhook, again until it takes them; never in a private network unless that is allowed", async () => {
  const taken: { type: string; data: ExportedCheckpoint }[] = [];
  let refusals = 2;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      if (refusals-- > 0) {
        response.writeHead(refusals === 1 ? 503 : 302, { location: "http://example.com/" }).end();
        return;
      }
      taken.push(JSON.parse(Buffer.concat(chunks).toString()));
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  try {
    await withService({ webhook: { url } }, (propose) => propose());
    expect(refusals).toBe(2);
    await withService({ webhook: { url, isPrivateAllowed: true } }, async (propose) => {
      await propose();
      await expect.poll(() => taken.length, { timeout: 15_000 }).toBeGreaterThan(0);
      await propose();
    });
    expect(taken.at(-1)).toMatchObject({
      type: "audit.checkpoint",
      data: { size: expect.any(Number), checkpoint: expect.stringContaining("holdpoint/org_") },
    });
    const sizes = taken.map(({ data }) => data.size);
    expect(sizes).toEqual(sizes.toSorted((a, b) => a - b));
  } finally {
    server.close();
    server.closeAllConnections();
  }
});
