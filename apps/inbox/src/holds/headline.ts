import type { Hold } from "@holdpoint/protocol";
import { headlineOf } from "../words/effect.ts";

/** What is asked, in a few words: of an action from its stored facts (I13), else the title that the asker gave. */
export function headlineFor(hold: Pick<Hold, "action" | "title">): string {
  return hold.action === null ? hold.title : headlineOf(hold.action);
}
