import { didYouMean, membersAt, policySchema, type PolicyFinding } from "@holdpoint/protocol";

/** An issue of Zod's, as far as it is looked at. */
interface Issue {
  code?: string | undefined;
  path: readonly PropertyKey[];
  message: string;
  keys?: readonly string[] | undefined;
  /** What there is to choose from. */
  values?: readonly unknown[] | undefined;
  /** Of a union: what each of its shapes has against the value. */
  errors?: readonly (readonly Issue[])[] | undefined;
}

const ROUTES =
  'Write {"role": "manager"}, or one of user, group, rotation, allOf, anyOf, or after with to; one of them at a time.';

/** What the document's form has wrong, in the words of its schema. */
export function describeMisfit(found: Issue, document: unknown): PolicyFinding {
  const issue = closest(found);
  const isUnknown = issue.code === "unrecognized_keys";
  return {
    severity: "error",
    code: isUnknown ? "unknown_member" : "form",
    path: placeOf(...issue.path),
    ...inWords(issue, valueAt(document, issue.path)),
  };
}

function inWords(issue: Issue, value: unknown): Pick<PolicyFinding, "message" | "remedy"> {
  const { code, message, keys = [], values } = issue;
  if (code === "unrecognized_keys")
    return {
      message: `There is no ${keys.join(", ")} here.${didYouMean(keys[0] ?? "", membersAt(policySchema, issue.path))}`,
      remedy: "Take it out, or look for a misspelling.",
    };
  if (value === undefined) return { message: "It is missing.", remedy: "Add it." };
  if (code === "invalid_union")
    return { message: "It has none of the shapes that a route may have.", remedy: ROUTES };
  if (values !== undefined && typeof value === "string") {
    const known = values.map(String);
    return {
      message: `There is no "${value}" here.${didYouMean(value, known)}`,
      remedy: `Write one of ${known.join(", ")}.`,
    };
  }
  return { message: sentence(message), remedy: "Correct the value, or take it out." };
}

/** Of a union the shape that the value was meant to have: the only one whose members it has. */
function closest(issue: Issue): Issue {
  const meant = (issue.errors ?? []).filter((issues) => issues.every(({ path }) => path.length > 0));
  const inner = meant.length === 1 ? meant[0]?.[0] : undefined;
  return inner === undefined ? issue : closest({ ...inner, path: [...issue.path, ...inner.path] });
}

function valueAt(document: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined),
    document,
  );
}

/** `rules[3].when`. */
export function placeOf(...path: readonly PropertyKey[]): string {
  return path
    .map((part, index) =>
      typeof part === "number" ? `[${part}]` : `${index === 0 ? "" : "."}${String(part)}`,
    )
    .join("");
}

/** Our own schemas say `must be ...`, Zod's say `Invalid ...`. */
function sentence(message: string): string {
  return `${/^[a-z]/.test(message) ? "It " : ""}${message.replace(/\.$/, "")}.`;
}
