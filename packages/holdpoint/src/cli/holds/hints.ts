import { isJsonObject, type Hold, type JsonValue, type Verdict } from "@holdpoint/protocol";
import { fieldsOf } from "../questions/form.ts";
import { doubtOf, wordFor } from "./doubt.ts";

/** How this command line is started, in what it tells people to type. */
export const PROGRAM = "npx holdpoint";

/** Which verdicts may be given on a hold, and the command for each. Read from what the server allows, never guessed. */
export function verdictCommands(
  hold: Pick<Hold, "id" | "allowedVerdicts" | "action" | "kind" | "question">,
): string[][] {
  const verdicts = hold.allowedVerdicts.filter((verdict) => verdict !== "answer" || !answersForItself(hold));
  return verdicts.map((verdict) => [
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
      return hold.kind === "escalation" ? " --executed succeeded|failed|retry" : answerHint(hold);
    default:
      return "";
  }
}

function answerHint({ question }: Pick<Hold, "question">): string {
  switch (question?.["type"]) {
    case "verification":
      return " yes|no";
    case "action":
      return " done";
    case "choice":
      return question["multiple"] === true ? ' --choose "…" --choose "…"' : ' --choose "…"';
    case "value":
      return " --as-is";
    case "input":
      return isForm(question["schema"]) ? " --set name=…" : ' "…"';
    default:
      return " --value '…'";
  }
}

function isForm(schema: JsonValue | undefined): boolean {
  return isJsonObject(schema) && fieldsOf(schema) !== undefined;
}

/** A visited link and a sign-in are answered by what happens; nobody can say that they did. */
export function answersForItself({ question }: Pick<Hold, "question">): boolean {
  const type = question?.["type"];
  return type === "authorization" || (type === "action" && question?.["requireConfirmation"] !== true);
}
