import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { HoldpointEvent } from "@holdpoint/protocol";
import { median } from "../load/latencies.ts";
import type { Plan } from "../plan.ts";
import { commandLine } from "../processes/command-line.ts";
import { writeLog } from "./generated-log.ts";

export interface Verification {
  entries: number;
  bytes: number;
  /** Of `holdpoint audit verify` as a process, its start included. The median of all rounds. */
  seconds: number;
  entriesPerSecond: number;
}

/** Writes a large export of such events, and has it verified by the command line. Throws when it does not fit. */
export async function measureVerification(
  events: readonly HoldpointEvent[],
  { verifiedEntries: entries, rounds }: Plan,
): Promise<Verification> {
  const folder = mkdtempSync(join(tmpdir(), "holdpoint-bench-log-"));
  try {
    const file = join(folder, "log.jsonl");
    await writeLog(file, events, entries);
    const times: number[] = [];
    for (let round = 0; round < rounds; round++) times.push(await verify(file, entries));
    const seconds = median(times);
    return { entries, bytes: statSync(file).size, seconds, entriesPerSecond: entries / seconds };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function verify(file: string, entries: number): Promise<number> {
  const { program, args } = commandLine(["audit", "verify", file, "--json"]);
  const startedAt = performance.now();
  const { stdout } = await promisify(execFile)(program, args);
  const seconds = (performance.now() - startedAt) / 1_000;
  const verdict = JSON.parse(stdout) as { ok: boolean; entries: number };
  if (!verdict.ok || verdict.entries !== entries)
    throw new Error(`The log was not verified: ${stdout.slice(0, 500)}`);
  return seconds;
}
