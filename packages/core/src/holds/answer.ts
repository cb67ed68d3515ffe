import { canonicalJson, isJsonObject, type JsonValue, type Question } from "@holdpoint/protocol";
import { assertNever } from "../assert-never.ts";
import type { FieldError, SchemaCheck } from "./hold-command.ts";
import type { Decider, HoldState } from "./hold-state.ts";

export type CheckedAnswer = { value: JsonValue } | { errors: FieldError[] };

/** What a person may say about an execution whose outcome was lost. */
export const EXECUTION_FINDINGS = ["succeeded", "failed", "retry"] as const;
export type ExecutionFinding = (typeof EXECUTION_FINDINGS)[number];

/** Checks an answer against what was asked; the value may come back with a schema's defaults. */
export function checkAnswer(
  hold: HoldState,
  answer: JsonValue | undefined,
  by: Decider,
  check: SchemaCheck,
): CheckedAnswer {
  if (answer === undefined) return wrong("is missing");
  if (hold.kind === "escalation")
    return hold.isUnknownExecution ? checkFinding(answer) : checkGuidance(answer);
  if (hold.kind === "authorization") return byEvent(answer, by);
  if (hold.question === null) return wrong("answers nothing: this hold asks no question");
  return checkQuestion(hold.question, answer, by, check);
}

function checkQuestion(
  question: Question,
  answer: JsonValue,
  by: Decider,
  check: SchemaCheck,
): CheckedAnswer {
  switch (question.type) {
    case "action":
      if (!question.requireConfirmation) return byEvent(answer, by);
      return answer === true ? { value: answer } : wrong("must be true, once it is done");
    case "input":
      return check(question.schema, answer);
    case "choice":
      return checkChoice(question, answer);
    case "value":
      if (question.schema !== undefined) return check(question.schema, answer);
      return jsonType(answer) === jsonType(question.value)
        ? { value: answer }
        : wrong(`must be a ${jsonType(question.value)}`);
    case "verification":
      return typeof answer === "boolean" ? { value: answer } : wrong("must be true or false");
    case "custom":
      return question.schema === undefined ? { value: answer } : check(question.schema, answer);
    default:
      return assertNever(question);
  }
}

function checkChoice(question: Extract<Question, { type: "choice" }>, answer: JsonValue): CheckedAnswer {
  const offered = new Set(question.options.map((option) => canonicalJson(option.value)));
  if (!question.multiple)
    return offered.has(canonicalJson(answer)) ? { value: answer } : wrong("must be one of the options");
  if (!Array.isArray(answer) || answer.length === 0)
    return wrong("must be a list of one or more of the options");
  const chosen = answer.map(canonicalJson);
  const errors = chosen.flatMap((value, index) => {
    if (!offered.has(value)) return [{ path: `[${index}]`, message: "must be one of the options" }];
    return chosen.indexOf(value) < index ? [{ path: `[${index}]`, message: "is there twice" }] : [];
  });
  return errors.length === 0 ? { value: answer } : { errors };
}

/** A finished sign-in or a visited link answers for itself; nobody may claim it by hand. */
function byEvent(answer: JsonValue, by: Decider): CheckedAnswer {
  return by.kind === "system" ? { value: answer } : wrong("comes by itself, once it is done");
}

function checkGuidance(answer: JsonValue): CheckedAnswer {
  const isGuidance =
    isJsonObject(answer) && Object.keys(answer).length === 1 && typeof answer["guidance"] === "string";
  if (!isGuidance) return wrong("must be {guidance}");
  return answer["guidance"] === ""
    ? { errors: [{ path: "guidance", message: "must not be empty" }] }
    : { value: answer };
}

function checkFinding(answer: JsonValue): CheckedAnswer {
  if (!isJsonObject(answer) || Object.keys(answer).some((key) => key !== "executed" && key !== "result")) {
    return wrong("must be {executed, result?}");
  }
  const isKnown = (EXECUTION_FINDINGS as readonly JsonValue[]).includes(answer["executed"] ?? null);
  if (isKnown) return { value: answer };
  return { errors: [{ path: "executed", message: `must be one of ${EXECUTION_FINDINGS.join(", ")}` }] };
}

function jsonType(value: JsonValue): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "list" : typeof value;
}

function wrong(message: string): { errors: FieldError[] } {
  return { errors: [{ path: "", message }] };
}
