import { appendFileSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  startCheckpointExports,
  type CheckpointDestination,
  type ExportedCheckpoint,
} from "../../src/audit/checkpoint-exports.ts";
import { CheckpointFile } from "../../src/audit/checkpoint-file.ts";
import { CheckpointWebhook } from "../../src/audit/checkpoint-webhook.ts";
import { seedOrganisation } from "../../src/testing/organisation.ts";
import { openTestStore, type OpenTestStore } from "../../src/testing/stores.ts";
import { startTestService } from "../../src/testing/test-service.ts";
import { exportLines, untilSigned, verifyLines } from "./audit-fixture.ts";
import { insertEvents, sequenceAll } from "./written-log.ts";

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

test("a disk that was full in the middle of a line leaves no half line behind", async () => {
  const file = join(folder, "full.jsonl");
  const disk = new CheckpointFile(file);
  let isFull = true;
  const destination: CheckpointDestination = {
    name: "a disk",
    lastPosition: () => disk.lastPosition(),
    async take(checkpoints) {
      if (isFull) {
        isFull = false;
        appendFileSync(file, JSON.stringify(checkpoints[0]).slice(0, 40));
        throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
      }
      await disk.take(checkpoints);
    },
  };
  const exports = startCheckpointExports({
    queries: store.database,
    destinations: [destination],
    logger: { warn: () => undefined },
  });
  await expect
    .poll(() => existsSync(file) && readFileSync(file, "utf8").endsWith("\n"), { timeout: 10_000 })
    .toBe(true);
  await exports.stop();
  const positions = read(file).map(({ position }) => position);
  expect(positions.length).toBeGreaterThan(0);
  expect(positions).toEqual([...new Set(positions)].toSorted((a, b) => a - b));
});

test("a webhook that was away gets, after a restart, the newest of every organisation that it lacks", async () => {
  const taken: ExportedCheckpoint[] = [];
  let isAway = false;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      if (!isAway) taken.push(JSON.parse(Buffer.concat(chunks).toString()).data);
      response.writeHead(isAway ? 503 : 204).end();
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?secret=1`;
  const options = { queries: store.database, logger: { warn: () => undefined } };
  const deliver = async () => {
    taken.length = 0;
    const webhook = new CheckpointWebhook({ url, isPrivateAllowed: true });
    await startCheckpointExports({ ...options, destinations: [webhook] }).stop();
    return taken.map(({ orgId, size }): [string, number] => [orgId, size]);
  };
  const grow = async (orgId: string) => {
    await insertEvents(store.database, orgId, 2);
    await sequenceAll(store.database);
  };
  try {
    const [a, b, c] = [
      await seedOrganisation(store.database),
      await seedOrganisation(store.database),
      await seedOrganisation(store.database),
    ].map(({ orgId }) => orgId) as [string, string, string];
    await grow(a);
    await grow(b);
    // The first time: the newest of each, whoever signed last.
    expect(await deliver()).toEqual(
      expect.arrayContaining([
        [a, 2],
        [b, 2],
      ]),
    );
    isAway = true;
    await grow(a);
    await grow(c);
    expect(await deliver()).toEqual([]);
    isAway = false;
    await grow(a);
    // In one page, of each its newest.
    expect(new Map(await deliver())).toEqual(
      new Map([
        [a, 6],
        [c, 2],
      ]),
    );
    expect(await deliver()).toEqual([]);
  } finally {
    server.close();
    server.closeAllConnections();
  }
});
