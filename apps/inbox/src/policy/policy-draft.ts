import { isJsonObject, parseJson, type JsonObject, type PolicyInForce } from "@holdpoint/protocol";
import { useMemo } from "react";
import { Store, useStore } from "../service/store.ts";

interface StoredDraft {
  text: string;
  /** The version that it was begun from. */
  base: number;
}

export interface PolicyDraft extends StoredDraft {
  /** Undefined while the text is no JSON object; `problem` then says why. */
  document: JsonObject | undefined;
  problem: string | undefined;
  /** Whether it is another document than the one in force. */
  isChanged: boolean;
  write: (text: string) => void;
  /** Goes on from another version, with the text as it is. */
  rebase: (version: number) => void;
  /** Gives the draft up. */
  drop: () => void;
}

const KEY = "holdpoint.draft.policy";
/** One draft for the pages that change it, explain by it and try it out; kept over a reload of this tab. */
const stored = new Store<StoredDraft | undefined>(readStored());

export function usePolicyDraft(policy: Pick<PolicyInForce, "version" | "document">): PolicyDraft {
  const draft = useStore(stored);
  const inForce = useMemo(() => printPolicy(policy.document), [policy.document]);
  const text = draft?.text ?? inForce;
  const base = draft?.base ?? policy.version;
  const read = useMemo(() => readDocument(text), [text]);
  return {
    text,
    base,
    ...read,
    isChanged: draft !== undefined && text !== inForce,
    write: (next) => store(next === inForce && base === policy.version ? undefined : { text: next, base }),
    rebase: (version) => store({ text, base: version }),
    drop: () => store(undefined),
  };
}

/** A document as the pages show it. */
export function printPolicy(document: JsonObject): string {
  return JSON.stringify(document, null, 2);
}

function readDocument(text: string): Pick<PolicyDraft, "document" | "problem"> {
  try {
    const value = parseJson(text);
    if (isJsonObject(value)) return { document: value, problem: undefined };
    return { document: undefined, problem: "A policy is an object: it begins with { and ends with }." };
  } catch (error) {
    const message = error instanceof Error ? error.message : "it cannot be read";
    return { document: undefined, problem: `This is not JSON yet: ${message}` };
  }
}

function store(draft: StoredDraft | undefined): void {
  stored.set(draft);
  try {
    if (draft === undefined) window.sessionStorage.removeItem(KEY);
    else window.sessionStorage.setItem(KEY, JSON.stringify(draft));
  } catch {
    // Storage may be refused or full; the draft then lasts as long as the page.
  }
}

function readStored(): StoredDraft | undefined {
  try {
    const draft = JSON.parse(window.sessionStorage.getItem(KEY) ?? "null") as Partial<StoredDraft> | null;
    if (typeof draft?.text !== "string" || typeof draft.base !== "number") return undefined;
    return { text: draft.text, base: draft.base };
  } catch {
    return undefined;
  }
}
