import { createServer } from "node:net";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openDatabase } from "../../src/database/database.ts";
import { openEmbedded } from "../../src/database/embedded/embedded-database.ts";
import { startPostgres } from "../../src/testing/postgres-server.ts";
import { silentLogger as logger } from "../../src/testing/silent-logger.ts";
import { fillDataDir } from "../../src/testing/stores.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "holdpoint-open-"));
});
afterEach(() => {
  chmodSync(folder, 0o755);
  rmSync(folder, { recursive: true, force: true });
});

describe("a data folder that cannot be used says so and what to do", () => {
  test("a file in its way", async () => {
    writeFileSync(join(folder, "file"), "");
    for (const dataDir of [join(folder, "file"), join(folder, "file", "below")]) {
      await expect(openDatabase({ dataDir, logger })).rejects.toMatchObject({
        code: "data_dir_unusable",
        message: expect.stringMatching(/file is in its way.*Choose another folder/) as string,
      });
    }
  });

  test.runIf(process.platform !== "win32")("no permission to write", async () => {
    chmodSync(folder, 0o555);
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) process.seteuid?.(65_534); // root may write anywhere
    try {
      await expect(openDatabase({ dataDir: folder, logger })).rejects.toMatchObject({
        code: "data_dir_unusable",
      });
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
  });

  test("a database folder that holds something else", async () => {
    await fillDataDir(folder);
    writeFileSync(join(folder, "postgres", "global", "pg_control"), "damaged");
    await expect(openDatabase({ dataDir: folder, logger })).rejects.toMatchObject({
      code: "data_dir_unusable",
      message: expect.stringContaining("pg_control") as string,
    });
  });

  test("a full disk; and the folder is free again afterwards", async () => {
    await fillDataDir(folder);
    const disk = {
      fdatasync: () => {},
      beforeWrite: () => {
        throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
      },
    };
    await expect(openEmbedded({ dataDir: folder, disk, logger })).rejects.toMatchObject({
      code: "disk_full",
      message: expect.stringContaining("Free some space") as string,
    });
    await (await openDatabase({ dataDir: folder, logger })).close();
  });
});

describe("a server that cannot be used says so and what to do", () => {
  test("nobody listens there, without telling the password", async () => {
    const probe = createServer().listen(0, "127.0.0.1");
    await once(probe, "listening");
    const { port } = probe.address() as AddressInfo;
    probe.close();
    const error = await openDatabase({ url: `postgres://me:secret@127.0.0.1:${port}/x`, logger }).catch(
      (reason: Error) => reason,
    );
    expect(error).toMatchObject({
      code: "database_unreachable",
      message: expect.stringMatching(/ECONNREFUSED.*DATABASE_URL/) as string,
    });
    expect((error as Error).message).not.toContain("secret");
  });

  test("no URL of a database", async () => {
    for (const url of ["mysql://localhost/x", "postgres", "postgres://[x", ""]) {
      await expect(openDatabase({ url, logger })).rejects.toMatchObject({ code: "database_unreachable" });
    }
  });

  test("an unknown database, an unknown user, and options of the URL that are kept", async () => {
    const server = await startPostgres();
    try {
      await expect(openDatabase({ url: server.url("missing"), logger })).rejects.toMatchObject({
        code: "database_unreachable",
        message: expect.stringContaining("missing") as string,
      });
      await expect(openDatabase({ url: server.url("postgres", "stranger"), logger })).rejects.toThrow(
        /stranger/,
      );
      const url = `${server.url()}?application_name=mine&options=${encodeURIComponent("-c work_mem=7MB -c search_path=a,\\ b")}`;
      const database = await openDatabase({ url, logger });
      await database.ownerSession((owner) => owner.query("create role hp_app"));
      const [row] =
        await database.query(`select current_setting('work_mem') as memory, current_setting('search_path') as path,
        current_setting('application_name') as application, current_user as role,
        current_setting('idle_in_transaction_session_timeout') as timeout`);
      expect(row).toEqual({
        memory: "7MB",
        path: "a, b",
        application: "mine",
        role: "hp_app",
        timeout: "30s",
      });
      await database.close();
    } finally {
      await server.remove();
    }
  });
});
