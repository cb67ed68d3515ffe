// A process that writes events and sequences them, until it kills itself or is told to stop. Arguments: a JSON object
// of SequencerProcessOptions. Says `elected` when it is the one that works, `done` when everything it wrote is signed.
import { createId } from "@holdpoint/protocol";
import pino from "pino";
import { CheckpointFile } from "../../src/audit/checkpoint-file.ts";
import { createSequencer } from "../../src/audit/sequencer.ts";
import type { SequencerFaults } from "../../src/audit/sequencer-term.ts";
import { openDatabase } from "../../src/database/database.ts";
import { createWakeups } from "../../src/events/wakeups.ts";
import { silentLogger } from "../../src/testing/silent-logger.ts";
import { insertEvents, testSigner } from "./written-log.ts";

export interface SequencerProcessOptions {
  url?: string | undefined;
  dataDir?: string | undefined;
  orgIds: string[];
  /** Written in batches, while the sequencer works. */
  events: number;
  /** Dies the second time that the sequencer comes here; writes on until then, a batch after each checkpoint. */
  dieAt?: string | undefined;
  checkpointFile?: string | undefined;
}

const options = JSON.parse(process.argv[2] ?? "{}") as SequencerProcessOptions;
const database = await openDatabase({
  ...(options.url === undefined ? { dataDir: options.dataDir ?? "" } : { url: options.url }),
  logger: silentLogger,
});
const logger = pino({ level: "error" }, pino.destination(2));
const wakeups = await createWakeups({ database, instanceId: createId("wrk"), logger });
let hits = 0;
let signed = Promise.withResolvers<void>();
const faults: SequencerFaults = {
  hit(point) {
    if (point === "elected") process.stdout.write("elected\n");
    if (point === "stored") {
      signed.resolve();
      signed = Promise.withResolvers();
    }
    if (point !== options.dieAt) return;
    hits++;
    // Being elected happens once.
    if (hits === 2 || point === "elected") process.kill(process.pid, "SIGKILL");
  },
};
const sequencer = createSequencer({
  database,
  wakeups,
  signer: testSigner,
  logger,
  faults,
  destinations: options.checkpointFile === undefined ? [] : [new CheckpointFile(options.checkpointFile)],
});
sequencer.start();
for (let written = 0; written < options.events; written += 50) {
  for (const orgId of options.orgIds) await insertEvents(database, orgId, 50);
  wakeups.publish(options.orgIds.map((orgId) => `org:${orgId}`));
}
process.stdout.write("written\n");
// Whether a step comes a second time is up to how the events fall into batches: there are more until it has come. Each
// batch waits for a checkpoint: one that came at a fixed time would, on a busy machine, keep the log from ever resting,
// and a log that does not rest is signed every 10 s only. One that is never elected here waits for that.
while (options.dieAt !== undefined) {
  const next = signed.promise;
  for (const orgId of options.orgIds) await insertEvents(database, orgId, 10);
  wakeups.publish(options.orgIds.map((orgId) => `org:${orgId}`));
  await next;
}
// Ends when its standard input does.
process.stdin.resume();
process.stdin.once("end", () => {
  void (async () => {
    await sequencer.stop();
    await wakeups.close();
    await database.close();
    process.exit(0);
  })();
});
