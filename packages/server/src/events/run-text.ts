import { RUN_TEXT } from "@holdpoint/protocol";
import type { Database } from "../database/database.ts";
import type { SharedReads } from "./shared-reads.ts";

/** What a run's model has said since it was last looked at. */
export interface SpokenText {
  step: number;
  /** Where in the turn it begins. */
  offset: number;
  text: string;
}

/**
 * The text of a run while its model speaks, piece by piece; undefined where there is no more of it. Read from the step, so
 * that it streams from whichever instance the run is on.
 */
export function spokenTextReader(
  { database, reads }: { database: Database; reads: SharedReads },
  orgId: string,
  runId: string,
): () => Promise<SpokenText | undefined> {
  const read = (): Promise<unknown> => database.callIdempotent("run_text_v1", orgId, runId);
  let step = -1;
  let offset = 0;
  return async () => {
    const spoken = (await reads.get(`text ${orgId} ${runId}`, read)) as {
      step: number;
      text: string;
    } | null;
    if (spoken === null) return undefined;
    if (spoken.step !== step) {
      step = spoken.step;
      offset = 0;
    }
    // A repeated model call begins its turn anew: what was said before is told from the start.
    if (spoken.text.length < offset) offset = 0;
    if (spoken.text.length === offset) return undefined;
    const piece = { step, offset, text: spoken.text.slice(offset) };
    offset = spoken.text.length;
    return piece;
  };
}

/** The same as `run.text` events. Without ids: the finished step has the text whole. */
export function runTextReader(
  deps: { database: Database; reads: SharedReads },
  orgId: string,
  runId: string,
): () => Promise<string> {
  const read = spokenTextReader(deps, orgId, runId);
  return async () => {
    const spoken = await read();
    if (spoken === undefined) return "";
    const { step, offset, text } = spoken;
    return `event: ${RUN_TEXT}\ndata: ${JSON.stringify({ type: RUN_TEXT, runId, step, offset, text })}\n\n`;
  };
}
