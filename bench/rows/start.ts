// P9, the start: `holdpoint start` with the example's config and the embedded database, until /ready says yes.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startService } from "../processes/started-service.ts";
import type { RowOptions } from "./row-options.ts";

/** Seconds of each start. */
export interface StartTimes {
  /** On an empty folder. */
  first: number[];
  /** On the folder that the first one left. */
  again: number[];
}

export async function measureStart({ plan, log }: Pick<RowOptions, "plan" | "log">): Promise<StartTimes> {
  const times: StartTimes = { first: [], again: [] };
  for (let round = 1; round <= plan.starts; round++) {
    const folder = mkdtempSync(join(tmpdir(), "holdpoint-bench-start-"));
    try {
      const first = await startOnce(folder);
      const again = await startOnce(folder);
      times.first.push(first);
      times.again.push(again);
      log(`round ${round}  ready after ${first.toFixed(2)} s, again after ${again.toFixed(2)} s`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return times;
}

async function startOnce(folder: string): Promise<number> {
  const service = await startService(folder);
  await service.stop();
  return service.readySeconds;
}
