// P15, the first held call: from an empty folder, by the packed packages, `npm install`, `init` and `start`, to a call that
// was held, approved and executed. scripts/first-held-call.mjs goes the way; the packages are packed once before it.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { RowOptions } from "./row-options.ts";

const run = promisify(execFile);

/** One way from the empty folder to the executed call. */
export interface FirstHeldCall {
  /** Seconds of each: install, init, start, decided. */
  steps: Record<string, number>;
  seconds: number;
}

export async function measureFirstHeldCall({
  plan,
  log,
}: Pick<RowOptions, "plan" | "log">): Promise<FirstHeldCall[]> {
  const calls: FirstHeldCall[] = [];
  const tarballs = mkdtempSync(join(tmpdir(), "holdpoint-bench-tarballs-"));
  try {
    await script("pack.mjs", ["--out", tarballs]);
    for (let round = 1; round <= plan.firstCalls; round++) {
      const call = JSON.parse(await script("first-held-call.mjs", ["--tarballs", tarballs])) as FirstHeldCall;
      calls.push(call);
      log(`round ${round}  first held call executed after ${call.seconds.toFixed(1)} s`);
    }
    return calls;
  } finally {
    rmSync(tarballs, { recursive: true, force: true });
  }
}

async function script(name: string, args: readonly string[]): Promise<string> {
  const path = fileURLToPath(new URL(`../../scripts/${name}`, import.meta.url));
  return (await run(process.execPath, [path, ...args])).stdout;
}
