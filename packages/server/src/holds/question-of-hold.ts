import { isBelowThreshold, reasonOfConfidence, thresholdOf, UNKNOWN_CONFIDENCE } from "@holdpoint/core";
import type { CreateHold, JsonObject, Reason } from "@holdpoint/protocol";
import type { Connections } from "../connections/connections.ts";
import { ProblemError } from "../problem.ts";
import type { SchemaCheck } from "./schema-check.ts";

const BELONGS_TO: Partial<Record<keyof CreateHold, CreateHold["kind"]>> = {
  question: "clarification",
  provider: "authorization",
  scopes: "authorization",
  purpose: "authorization",
  task: "escalation",
  result: "escalation",
  confidence: "escalation",
  threshold: "escalation",
  stake: "escalation",
  reason: "escalation",
  action: "approval",
};

/** Each kind has members of its own; one of another kind is a mistake, never ignored. */
export function refuseWhatDoesNotBelong(body: CreateHold): void {
  for (const [member, kind] of Object.entries(BELONGS_TO)) {
    if (body[member as keyof CreateHold] !== undefined && body.kind !== kind) {
      throw new ProblemError(
        "invalid_request",
        `"${member}" belongs to kind ${kind}, and this hold is of kind ${body.kind}.`,
        {
          errors: [{ path: member, message: `belongs to kind ${kind}` }],
        },
      );
    }
  }
}

/** How often people are reminded of an action, the policy says. */
export function refuseReminders(body: CreateHold): void {
  if (body.kind !== "approval" || body.remindEverySeconds === undefined) return;
  throw new ProblemError(
    "invalid_request",
    '"remindEverySeconds" belongs to questions and sign-ins; of an action, its policy says it.',
    { errors: [{ path: "remindEverySeconds", message: "belongs to questions and sign-ins" }] },
  );
}

/** What is asked, for a hold that is no action. */
export function questionOf(
  { schemas, connections }: { schemas: SchemaCheck; connections: Pick<Connections, "questionFor"> },
  body: CreateHold,
): JsonObject {
  switch (body.kind) {
    case "clarification": {
      if (body.question === undefined) throw missing("question", "A clarification needs a question.");
      if ("schema" in body.question && body.question.schema !== undefined) {
        const reason = schemas.refuseSchema(body.question.schema);
        if (reason !== undefined) {
          throw new ProblemError("invalid_request", `The question's schema ${reason}.`, {
            errors: [{ path: "question.schema", message: reason }],
          });
        }
      }
      return body.question as unknown as JsonObject;
    }
    case "authorization":
      for (const member of ["provider", "scopes", "purpose", "endUserId"] as const) {
        if (body[member] === undefined) throw missing(member, `An authorization needs ${member}.`);
      }
      // R17: what for and how much is known when it is asked.
      return connections.questionFor({
        provider: body.provider ?? "",
        scopes: body.scopes ?? [],
        purpose: body.purpose,
      });
    case "escalation":
      for (const member of ["task", "result", "confidence"] as const) {
        if (body[member] === undefined) throw missing(member, `An escalation needs ${member}.`);
      }
      return {
        type: "escalation",
        task: body.task,
        result: body.result,
        confidence: body.confidence,
        threshold: thresholdOf(body),
      } as JsonObject;
    default:
      throw new TypeError("an approval has an action, not a question");
  }
}

/** R74: an escalation that gives no reason of its own has the confidence for one. */
export function questionReasons(body: CreateHold): Reason[] {
  if (body.kind !== "escalation") return [{ rule: "asked", text: "The agent asks." }];
  if (body.reason !== undefined) return [{ rule: "escalated", text: body.reason }];
  const [confidence, threshold] = [body.confidence ?? UNKNOWN_CONFIDENCE, thresholdOf(body)];
  return isBelowThreshold(confidence, threshold)
    ? [{ rule: "confidence", text: reasonOfConfidence(confidence, threshold) }]
    : [{ rule: "asked", text: "The agent asks, though its confidence is enough." }];
}

export function missing(path: string, detail: string): ProblemError {
  return new ProblemError("invalid_request", detail, { errors: [{ path, message: "is required" }] });
}
