// A process of its own for tests: the service as `holdpoint start` puts it together, which dies at a given commit.
import { fdatasyncSync } from "node:fs";
import { createService, listen, openDatabase, Secret } from "@holdpoint/server";
import type { Database } from "../../packages/server/src/database/database.ts";
import { openEmbedded } from "../../packages/server/src/database/embedded/embedded-database.ts";
import { stderrLogger as logger } from "../../packages/server/src/testing/stderr-logger.ts";
import { CommitPoints, type CommitPoint } from "./commit-points.ts";
import config from "./records.config.ts";

/** What the test may say. */
export type Command =
  | { type: "die"; at: CommitPoint | undefined }
  | { type: "disk"; id: number; isFull: boolean }
  | { type: "query"; id: number; sql: string };

/** What it hears. */
export type Report = { type: "reached"; point: CommitPoint } | { type: "rows"; id: number; rows: unknown[] };

const tell = (report: Report): void => void process.send?.(report);
const points = new CommitPoints((point) => tell({ type: "reached", point }));
const { DATABASE_URL: url, HOLDPOINT_DATA_DIR: dataDir = "" } = process.env;

let isDiskFull = false;
const database: Database =
  url === undefined
    ? await openEmbedded({
        dataDir,
        logger,
        disk: {
          fdatasync(fd) {
            points.aboutToSync();
            fdatasyncSync(fd);
          },
          beforeWrite() {
            if (isDiskFull) throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
          },
        },
      })
    : await openDatabase({ url, logger });

let answer: (request: Request) => Response | Promise<Response> = () => new Response(null, { status: 503 });
const { port } = await listen({ fetch: (request) => answer(request), host: "127.0.0.1", port: 0 });
const service = await createService({
  config,
  database: points.wrap(database),
  secret: new Secret("a secret of the tests, long enough for one"),
  publicUrl: `http://localhost:${port}`,
  port,
  environment: {},
  logger,
  version: "0.0.0",
  faults: points.faults,
});
const { localKey } = await service.start();
answer = service.app.fetch;

process.on("message", (command: Command) => {
  if (command.type === "die") {
    points.set(command.at);
    return;
  }
  if (command.type === "disk") {
    isDiskFull = command.isFull;
    tell({ type: "rows", id: command.id, rows: [] });
    return;
  }
  const { id, sql } = command;
  void database
    .ownerSession((owner) => owner.query<object>(sql))
    .then(({ rows }) => tell({ type: "rows", id, rows }));
});
process.stdout.write(`${JSON.stringify({ url: `http://localhost:${port}`, apiKey: localKey })}\n`);
