import type { Hold, JsonValue, Run } from "@holdpoint/protocol";

/** What a person has to fill in. */
export interface AgentOsField {
  name: string;
  field_type: string;
  description: string | null;
  value: JsonValue;
}

/** What a person has to decide before the run goes on. */
export function openHolds(run: Run): Hold[] {
  return run.holds.filter(({ status }) => status === "pending");
}

/** The questions of a call that are open: what a person has to tell it. */
export function questionsOf(run: Run, toolCallId: string): Hold[] {
  return openHolds(run).filter((hold) => hold.kind === "clarification" && hold.toolCallId === toolCallId);
}

const FIELD_TYPES: Record<string, string> = {
  string: "str",
  integer: "int",
  number: "float",
  boolean: "bool",
  array: "list",
  object: "dict",
};

/** One field for each member of the answer, where it is an object; else one that is the whole of it. */
export function fieldsOf(hold: Hold, siblings: readonly Hold[]): AgentOsField[] {
  const question = (hold.question ?? {}) as Record<string, JsonValue | undefined>;
  const schema = (question["schema"] ?? {}) as {
    type?: string;
    properties?: Record<string, { type?: string; description?: string }>;
  };
  const description = describeQuestion(hold, question);
  if (siblings.length === 1 && hasMembers(hold)) {
    return Object.entries(schema.properties ?? {}).map(([name, member]) => ({
      name,
      field_type: FIELD_TYPES[member.type ?? ""] ?? "any",
      description: member.description ?? description,
      value: null,
    }));
  }
  const type = question["type"];
  return [
    {
      name: siblings.length === 1 ? "answer" : hold.id,
      field_type:
        type === "verification" || type === "action"
          ? "bool"
          : type === "choice"
            ? question["multiple"] === true
              ? "list"
              : "str"
            : (FIELD_TYPES[schema.type ?? ""] ?? "any"),
      description,
      value: type === "value" ? (question["value"] ?? null) : null,
    },
  ];
}

/** Whether the answer is an object whose members are asked one by one. */
export function hasMembers(hold: Hold): boolean {
  const question = hold.question as { type?: string; schema?: { type?: string; properties?: object } } | null;
  return (
    question?.type !== "value" &&
    question?.schema?.type === "object" &&
    Object.keys(question.schema.properties ?? {}).length > 0
  );
}

function describeQuestion(hold: Hold, question: Record<string, JsonValue | undefined>): string {
  const parts = [hold.title];
  if (typeof question["guidance"] === "string") parts.push(question["guidance"]);
  if (typeof question["url"] === "string") parts.push(`Open ${question["url"]}`);
  if (Array.isArray(question["options"])) {
    const values = (question["options"] as { value: JsonValue }[]).map(({ value }) => JSON.stringify(value));
    parts.push(`One of: ${values.join(", ")}`);
  }
  return parts.join(". ");
}
