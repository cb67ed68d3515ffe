import type { AnyQuestion } from "@holdpoint/client";
import type { JsonObject } from "@holdpoint/protocol";
import { assertNever } from "./assert-never.ts";
import { renderFact } from "../holds/facts.ts";
import { block } from "../terminal/block.ts";
import { printable } from "../terminal/printable.ts";
import type { Style } from "../terminal/style.ts";
import { fieldsOf, typeInWords, type Field } from "./form.ts";
import { hasClearNumbers } from "./options.ts";

/** What the agent wants, after its name: `asks to choose one`. */
export function questionHeadline(question: AnyQuestion): string {
  switch (question.type) {
    case "action":
      return "asks for something to be done";
    case "input":
      return "asks for information";
    case "choice":
      return question.multiple ? "asks to choose one or more" : "asks to choose one";
    case "value":
      return "asks whether a value is right";
    case "verification":
      return "asks yes or no";
    case "custom":
      return `asks by ${printable(question.name)}`;
    case "authorization":
      return `needs access to ${printable(question.label)}`;
    default:
      return assertNever(question);
  }
}

/** The question as the person reads it: the guidance in the developer's words, then what there is to choose or to fill in. */
export function questionLines(question: AnyQuestion, style: Style): string[] {
  const guidance =
    question.type === "authorization" || question.guidance === undefined ? [] : block(question.guidance);
  return [...guidance, ...bodyLines(question, style).map((line) => `  ${line}`)];
}

function bodyLines(question: AnyQuestion, style: Style): string[] {
  switch (question.type) {
    case "action":
      // A terminal has no buttons. Address and label are shown whole: the one may not be what the other says.
      return [`${style.bold(printable(question.label))}  ${printable(question.url)}`];
    case "input":
      return schemaLines(question.schema, style);
    case "choice":
      return question.options.flatMap(({ value, label, detail }, index) => [
        `${hasClearNumbers(question) ? `${index + 1}.` : "•"} ${style.bold(printable(label))}${value === label ? "" : style.dim(`  = ${renderFact(value)}`)}`,
        ...(detail === undefined ? [] : block(detail)),
      ]);
    case "value":
      return [
        `Value  ${style.bold(renderFact(question.value))}`,
        ...(question.schema === undefined ? [] : schemaLines(question.schema, style)),
      ];
    case "verification":
      return [];
    case "custom":
      return [
        ...(question.data === undefined ? [] : [`Data   ${renderFact(question.data)}`]),
        ...(question.schema === undefined ? [] : schemaLines(question.schema, style)),
      ];
    case "authorization":
      return [
        `${style.dim("Provider")}  ${printable(question.label)} (${printable(question.provider)})`,
        `${style.dim("Scopes")}    ${question.scopes.length === 0 ? "(none named)" : question.scopes.map((scope) => printable(scope)).join(", ")}`,
        `${style.dim("Purpose")}   ${printable(question.purpose)}`,
      ];
    default:
      return assertNever(question);
  }
}

function schemaLines(schema: JsonObject, style: Style): string[] {
  const fields = fieldsOf(schema);
  if (fields === undefined) return [`${style.dim("Answer")} ${typeInWords(schema)}`];
  const width = Math.min(24, Math.max(0, ...fields.map(({ name }) => printable(name).length)));
  return fields.map((field) => `${style.bold(printable(field.name).padEnd(width))}  ${fieldInWords(field)}`);
}

/** `a whole number, required: how many nights`. */
export function fieldInWords({ schema, isRequired }: Field): string {
  const description = schema["description"] ?? schema["title"];
  const about = typeof description === "string" ? `: ${printable(description)}` : "";
  return `${typeInWords(schema)}${isRequired ? ", required" : ""}${about}`;
}

/** What would be an answer, for whoever gave none. */
export function expectationOf(question: AnyQuestion): string {
  switch (question.type) {
    case "action":
      return question.requireConfirmation
        ? 'Say "done" once it is done.'
        : "It is answered by itself, once it is done; nobody can say so.";
    case "input":
      return expectedBySchema(question.schema);
    case "choice":
      return `${question.multiple ? "Choose one or more of" : "Choose one of"}: ${question.options.map(({ label }) => printable(label)).join(", ")}.`;
    case "value":
      return `Accept ${renderFact(question.value)} with --as-is, or give another value${question.schema === undefined ? ` of its type` : ""}.`;
    case "verification":
      return "Say yes or no.";
    case "custom":
      return question.schema === undefined
        ? "Give any JSON with --value."
        : expectedBySchema(question.schema);
    case "authorization":
      return `It is answered by itself, once they have signed in at ${printable(question.label)}; nobody can say so. It can be rejected.`;
    default:
      return assertNever(question);
  }
}

function expectedBySchema(schema: JsonObject): string {
  const fields = fieldsOf(schema);
  if (fields === undefined) return `It must be ${typeInWords(schema)}.`;
  const each = fields.map((field) => `${printable(field.name)} (${fieldInWords(field)})`);
  return `Give its fields with --set name=value: ${each.join("; ")}.`;
}
