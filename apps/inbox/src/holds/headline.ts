import type { Hold } from "@holdpoint/protocol";
import { headlineOf } from "../words/effect.ts";

/**
 * What is asked, in a few words: of an action from its stored facts (I13), else the title that the asker gave. Once it
 * was approved with changes it names what was approved: "Delete 80 records, executed" would be a lie where ten were.
 */
export function headlineFor(hold: Pick<Hold, "action" | "title" | "outcome" | "question">): string {
  const { action, outcome, question } = hold;
  if (question?.["type"] === "authorization" && typeof question["label"] === "string")
    return `Connect ${question["label"]}`;
  if (action === null) return hold.title;
  return headlineOf({ name: action.name, arguments: outcome?.arguments ?? action.arguments });
}
