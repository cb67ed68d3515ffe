import { canonicalJson, isJsonObject, parseJson, type JsonObject, type JsonValue } from "@holdpoint/protocol";
import { readField, type Field } from "./schema.ts";

/*
 * What a form holds while somebody types: text where JSON has a number, nothing where a field is absent. Names of
 * fields are data here and never paths of the form library, so `a.b` and `__proto__` are names like any other.
 */
export type Draft =
  | { kind: "text" | "number" | "json"; text: string; state: Presence }
  | { kind: "boolean"; checked: boolean; state: Presence }
  /** A boolean that is wanted: a box that nobody has touched would say no for them. */
  | { kind: "yes_no"; answer: "" | "yes" | "no"; state: Presence }
  /** `index` of the choice, as text, for a select; empty while none is chosen. */
  | { kind: "choice"; index: string; state: Presence }
  | { kind: "object"; fields: Draft[]; state: Presence }
  | { kind: "array"; items: Draft[]; state: Presence };

/** Whether a value is there, is null, is left out, is wanted and not given yet, or is offered: left empty it is left out. */
export type Presence = "value" | "null" | "absent" | "wanted" | "offered";

export interface DraftProblem {
  /** As the form library addresses the field: `fields.0.items.2`. */
  place: string;
  message: string;
}

export type ReadDraft = { value: JsonValue | undefined } | { problems: DraftProblem[] };

/** The form of an action's arguments, or of an answer. */
export function readForm(schema: JsonObject | null, value: JsonValue | undefined): Field {
  return readField(schema ?? undefined, schema ?? {}, value);
}

/** The draft that stands for `value`: read back unchanged it is the same value, to the last digit. */
export function toDraft(field: Field, value: JsonValue | undefined): Draft {
  const state: Presence = value === undefined ? "absent" : value === null ? "null" : "value";
  const { shape } = field;
  switch (shape.kind) {
    case "text":
      if (state === "value" && typeof value !== "string") return jsonDraft(value);
      return { kind: "text", text: typeof value === "string" ? value : "", state };
    case "number":
      if (state === "value" && typeof value !== "number") return jsonDraft(value);
      return { kind: "number", text: typeof value === "number" ? JSON.stringify(value) : "", state };
    case "boolean":
      if (state === "value" && typeof value !== "boolean") return jsonDraft(value);
      return { kind: "boolean", checked: value === true, state };
    case "choice": {
      const index = shape.values.findIndex(
        (choice) => value !== undefined && canonicalJson(choice) === canonicalJson(value),
      );
      if (state === "value" && index === -1) return jsonDraft(value);
      // A choice may offer null itself.
      return { kind: "choice", index: String(Math.max(0, index)), state: index >= 0 ? "value" : state };
    }
    case "object": {
      if (state === "value" && !isJsonObject(value)) return jsonDraft(value);
      const object = isJsonObject(value) ? value : {};
      // An entry of a list may carry what its siblings do not: the editor loses none of it.
      const names = new Set(shape.fields.map(({ name }) => name));
      if (Object.keys(object).some((name) => !names.has(name))) return jsonDraft(value);
      const fields = shape.fields.map(({ name, field: inner }) =>
        toDraft(inner, Object.hasOwn(object, name) ? object[name] : undefined),
      );
      return { kind: "object", fields, state };
    }
    case "array": {
      if (state === "value" && !Array.isArray(value)) return jsonDraft(value);
      const items = Array.isArray(value) ? value : [];
      return { kind: "array", items: items.map((item) => toDraft(shape.item, item)), state };
    }
    default:
      return jsonDraft(value);
  }
}

/**
 * A draft for what there is no value of yet: an answer, an entry that is added to a list, a field that was absent. What
 * is required is wanted, and begins empty; what is not begins left out, or, with `offersOptional`, as an empty field.
 */
export function emptyDraft(field: Field, options: { offersOptional?: boolean } = {}): Draft {
  const { shape } = field;
  const leaf = emptyLeaf(field, "wanted");
  if (leaf.kind === "array") return { ...leaf, state: "value" };
  if (leaf.kind !== "object" || shape.kind !== "object") return leaf;
  const fields = shape.fields.map(({ field: inner, isRequired }) => {
    if (isRequired) return emptyDraft(inner, options);
    const left = toDraft(inner, undefined);
    const isLeaf = ["text", "number", "boolean", "choice"].includes(left.kind);
    return options.offersOptional === true && isLeaf ? emptyLeaf(inner, "offered") : left;
  });
  return { kind: "object", fields, state: "value" };
}

function emptyLeaf(field: Field, state: "wanted" | "offered"): Draft {
  const draft = toDraft(field, undefined);
  if (draft.kind === "boolean") return { kind: "yes_no", answer: "", state };
  if (draft.kind === "choice") return { ...draft, index: "", state };
  return { ...draft, state };
}

/** The draft with a value where it had none: what was written before is kept. */
export function givenDraft(field: Field, draft: Draft, options: { offersOptional?: boolean } = {}): Draft {
  return "text" in draft && draft.text !== "" ? { ...draft, state: "value" } : emptyDraft(field, options);
}

/** What the draft says, typed as its schema has it; or every place where it says nothing that can be sent. */
export function fromDraft(field: Field, draft: Draft, place = ""): ReadDraft {
  if (draft.state === "absent") return { value: undefined };
  if (draft.state === "null") return { value: null };
  const { shape } = field;
  const missing = draft.state === "wanted" || draft.state === "offered" ? missingOf(draft) : undefined;
  if (draft.state === "offered" && (missing !== undefined || isBlank(draft))) return { value: undefined };
  if (missing !== undefined) return problem(place, missing);
  switch (draft.kind) {
    case "text":
      return { value: draft.text };
    case "number":
      return readNumber(draft.text, shape.kind === "number" && shape.isInteger, place);
    case "boolean":
      return { value: draft.checked };
    case "yes_no":
      return { value: draft.answer === "yes" };
    case "choice":
      return { value: shape.kind === "choice" ? shape.values[Number(draft.index)] : undefined };
    case "json":
      return readJson(draft.text, place);
    case "object":
      return shape.kind === "object" ? readObject(shape.fields, draft.fields, place) : { value: undefined };
    default:
      return shape.kind === "array" ? readArray(shape.item, draft.items, place) : { value: undefined };
  }
}

/** What has to be done with a field that is wanted and still empty. */
function missingOf(draft: Draft): string | undefined {
  switch (draft.kind) {
    case "yes_no":
      return draft.answer === "" ? "Choose yes or no." : undefined;
    case "choice":
      return draft.index === "" ? "Choose one." : undefined;
    case "text":
      return draft.text === "" ? "Write something." : undefined;
    case "json":
      return draft.text.trim() === "" ? "Write a value as JSON." : undefined;
    default:
      return undefined;
  }
}

/** An offered field that nobody filled in. A number is wanted in `readNumber`, which says more than "missing". */
function isBlank(draft: Draft): boolean {
  return draft.kind === "number" && draft.text.trim() === "";
}

function readNumber(text: string, isInteger: boolean, place: string): ReadDraft {
  const trimmed = text.trim();
  const number = Number(trimmed);
  if (!/^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(trimmed) || !Number.isFinite(number))
    return problem(place, "Write a number.");
  if (isInteger && !Number.isInteger(number)) return problem(place, "Write a whole number.");
  if (Number.isInteger(number) && !Number.isSafeInteger(number))
    return problem(place, "This number is too large to be exact.");
  return { value: number };
}

function readJson(text: string, place: string): ReadDraft {
  try {
    return { value: parseJson(text) };
  } catch (error) {
    return problem(place, `This is not JSON: ${error instanceof Error ? error.message : "unreadable"}`);
  }
}

function readObject(
  shapes: { name: string; field: Field }[],
  drafts: readonly Draft[],
  place: string,
): ReadDraft {
  const problems: DraftProblem[] = [];
  const entries: [string, JsonValue][] = [];
  shapes.forEach(({ name, field }, index) => {
    const draft = drafts[index];
    if (draft === undefined) return;
    const read = fromDraft(field, draft, join(place, `fields.${index}`));
    if ("problems" in read) problems.push(...read.problems);
    else if (read.value !== undefined) entries.push([name, read.value]);
  });
  return problems.length > 0 ? { problems } : { value: Object.fromEntries(entries) };
}

function readArray(item: Field, drafts: readonly Draft[], place: string): ReadDraft {
  const read = drafts.map((draft, index) => fromDraft(item, draft, join(place, `items.${index}`)));
  const problems = read.flatMap((entry) => ("problems" in entry ? entry.problems : []));
  if (problems.length > 0) return { problems };
  return { value: read.flatMap((entry) => ("value" in entry ? [entry.value ?? null] : [])) };
}

function jsonDraft(value: JsonValue | undefined): Draft {
  return {
    kind: "json",
    text: value === undefined ? "" : JSON.stringify(value, null, 2),
    state: value === undefined ? "absent" : "value",
  };
}

function problem(place: string, message: string): ReadDraft {
  return { problems: [{ place, message }] };
}

function join(place: string, part: string): string {
  return place === "" ? part : `${place}.${part}`;
}
