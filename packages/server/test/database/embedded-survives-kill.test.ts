import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openEmbedded } from "../../src/database/embedded/embedded-database.ts";
import { silentLogger as logger } from "../../src/testing/silent-logger.ts";
import { fillDataDir } from "../../src/testing/stores.ts";

let dataDir: string;
const writers: ChildProcess[] = [];
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "holdpoint-kill-"));
});
afterEach(async () => {
  for (const writer of writers.splice(0)) await kill(writer);
  rmSync(dataDir, { recursive: true, force: true });
});

function startWriter(first: number): { writer: ChildProcess; lines: AsyncIterator<string> } {
  const program = fileURLToPath(new URL("./embedded-writer.ts", import.meta.url));
  const writer = spawn(process.execPath, [program, dataDir, String(first)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  writers.push(writer);
  return { writer, lines: createInterface({ input: writer.stdout })[Symbol.asyncIterator]() };
}

async function kill(writer: ChildProcess): Promise<void> {
  if (writer.exitCode !== null || writer.signalCode !== null) return;
  const exited = once(writer, "exit");
  writer.kill("SIGKILL");
  await exited;
}

async function readIds(): Promise<number[]> {
  const database = await openEmbedded({ dataDir, logger });
  const rows = await database.query<{ id: number }>("select id from public.notes order by id");
  await database.close();
  return rows.map(({ id }) => id);
}

test("what a process acknowledged before kill -9 is there when another opens the folder", async () => {
  await fillDataDir(dataDir);
  let acknowledged = 0;
  for (let round = 0; round < 3; round++) {
    const { writer, lines } = startWriter(acknowledged);
    expect(await lines.next()).toMatchObject({ value: "open" });
    for (const goal = acknowledged + 50 + 37 * round; acknowledged < goal;)
      acknowledged = Number((await lines.next()).value);
    const died = kill(writer);
    for (let line = await lines.next(); !line.done; line = await lines.next())
      acknowledged = Number(line.value);
    await died;
    const ids = await readIds();
    expect(ids.slice(0, acknowledged)).toEqual(Array.from({ length: acknowledged }, (_, index) => index + 1));
    expect(ids.length).toBeLessThanOrEqual(acknowledged + 1); // one more may have been committed and not yet told
    acknowledged = ids.length;
  }
});

test("a second process is told who has the folder and what to do; after kill -9 of the first it opens", async () => {
  await fillDataDir(dataDir);
  const first = startWriter(0);
  expect(await first.lines.next()).toMatchObject({ value: "open" });
  const second = startWriter(0);
  const { error } = JSON.parse(String((await second.lines.next()).value)) as {
    error: { code: string; message: string };
  };
  expect(error.code).toBe("data_dir_locked");
  expect(error.message).toContain(`process ${first.writer.pid}`);
  expect(error.message).toContain(dataDir);
  expect(error.message).toContain("DATABASE_URL");
  await kill(first.writer);
  expect(existsSync(join(dataDir, "lock"))).toBe(true);
  expect((await readIds()).length).toBeGreaterThan(0);
  expect(existsSync(join(dataDir, "lock"))).toBe(false);
});
