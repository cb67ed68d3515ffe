import type { Hold, Verdict } from "@holdpoint/protocol";
import { doubtOf, wordFor } from "./doubt.ts";

/** How this command line is started, in what it tells people to type. */
export const PROGRAM = "npx holdpoint";

/** Which verdicts may be given on a hold, and the command for each. Read from what the server allows, never guessed. */
export function verdictCommands(
  hold: Pick<Hold, "id" | "allowedVerdicts" | "action" | "kind" | "question">,
): string[][] {
  return hold.allowedVerdicts.map((verdict) => [
    wordFor(verdict, hold),
    `${PROGRAM} holds ${verdict} ${hold.id}${options(verdict, hold)}`,
  ]);
}

function options(verdict: Verdict, hold: Pick<Hold, "action" | "kind" | "question">): string {
  switch (verdict) {
    case "modify":
      if (doubtOf(hold) !== undefined) return " --set result='…'";
      return ` --set ${Object.keys(hold.action?.arguments ?? {}).at(-1) ?? "name"}=…`;
    case "reject":
      return ' --reason "…"';
    case "answer":
      if (doubtOf(hold) !== undefined) return ' --guidance "…"';
      return hold.kind === "escalation" ? " --executed succeeded|failed|retry" : " --value '…'";
    default:
      return "";
  }
}
