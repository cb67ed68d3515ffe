import { RUN_TEXT } from "@holdpoint/protocol";
import type { Database } from "../database/database.ts";
import type { SharedReads } from "./shared-reads.ts";

/**
 * The text of a run while its model speaks, as `run.text` events with their offset. Read from the step, so that it
 * streams from whichever instance the run is on. Without ids: the finished step has the text whole.
 */
export function runTextReader(
  { database, reads }: { database: Database; reads: SharedReads },
  orgId: string,
  runId: string,
): () => Promise<string> {
  const read = (): Promise<unknown> => database.callIdempotent("run_text_v1", orgId, runId);
  let step = -1;
  let offset = 0;
  return async () => {
    const spoken = (await reads.get(`text ${orgId} ${runId}`, read)) as {
      step: number;
      text: string;
    } | null;
    if (spoken === null) return "";
    if (spoken.step !== step) {
      step = spoken.step;
      offset = 0;
    }
    // A repeated model call begins its turn anew: what was said before is told from the start.
    if (spoken.text.length < offset) offset = 0;
    if (spoken.text.length === offset) return "";
    const data = { type: RUN_TEXT, runId, step, offset, text: spoken.text.slice(offset) };
    offset = spoken.text.length;
    return `event: ${RUN_TEXT}\ndata: ${JSON.stringify(data)}\n\n`;
  };
}
