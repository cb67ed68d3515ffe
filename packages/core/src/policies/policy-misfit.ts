import type { PolicyFinding } from "@holdpoint/protocol";

/** An issue of Zod's, as far as it is looked at. */
interface Issue {
  code?: string | undefined;
  path: readonly PropertyKey[];
  message: string;
  keys?: readonly string[] | undefined;
}

/** What the document's form has wrong, in the words of its schema. */
export function describeMisfit({ code, path, message, keys = [] }: Issue): PolicyFinding {
  const isUnknown = code === "unrecognized_keys";
  return {
    severity: "error",
    code: isUnknown ? "unknown_member" : "form",
    path: placeOf(...path),
    message: isUnknown ? `There is no ${keys.join(", ")} here.` : sentence(message),
    remedy: isUnknown
      ? "Take it out, or look for a misspelling."
      : "Write it as the reference of the policy's document says.",
  };
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
