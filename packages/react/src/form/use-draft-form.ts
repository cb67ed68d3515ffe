import { canonicalJson, type JsonObject, type JsonValue } from "@holdpoint/protocol";
import { useEffect, useMemo } from "react";
import { useForm, useWatch } from "react-hook-form";
import { findChanges, type Change } from "./changes.ts";
import { emptyDraft, fromDraft, readForm, toDraft, type Draft, type DraftProblem } from "./draft.ts";

export interface DraftFormOptions {
  schema: JsonObject | null;
  /** What was proposed; undefined where there is nothing yet. */
  proposed: JsonValue | undefined;
  /** Under this name an unsent edit survives a reload of the tab. */
  storedAs: string;
  /** Fields that need not be filled in stand there empty, instead of behind a button. Default false. */
  offersOptional?: boolean;
}

/** A typed form over a JSON value: what it says now, how that differs from what was proposed, what does not fit. */
export function useDraftForm({ schema, proposed, storedAs, offersOptional = false }: DraftFormOptions) {
  const field = useMemo(() => readForm(schema, proposed), [schema, proposed]);
  // A draft is of these fields and no others: the same question asked anew may have another schema.
  const about = useMemo(() => canonicalJson([schema, proposed ?? null]), [schema, proposed]);
  const start = () =>
    proposed === undefined ? emptyDraft(field, { offersOptional }) : toDraft(field, proposed);
  const form = useForm<{ draft: unknown }>({
    defaultValues: { draft: readStored(storedAs, about) ?? start() },
  });
  const draft = useWatch({ control: form.control, name: "draft" }) as Draft;
  const read = useMemo(() => fromDraft(field, draft), [field, draft]);
  const value = "value" in read ? read.value : undefined;
  const problems: readonly DraftProblem[] = "problems" in read ? read.problems : [];
  const changes: readonly Change[] = useMemo(
    () => (problems.length > 0 ? [] : findChanges(proposed ?? null, value ?? null)),
    [problems.length, proposed, value],
  );
  useEffect(() => {
    // What is half written is worth keeping too.
    store(storedAs, isSame(draft, start()) ? undefined : { about, draft });
  });
  return {
    field,
    form,
    value,
    problems,
    changes,
    reset: () => {
      store(storedAs, undefined);
      form.reset({ draft: start() });
    },
    /** The draft was sent, or is not wanted any more. */
    forget: () => store(storedAs, undefined),
  };
}

/** Nothing for a draft of other fields, or where storage is refused: the form then begins with what was proposed. */
function readStored(name: string, about: string): Draft | undefined {
  try {
    const stored = JSON.parse(window.sessionStorage.getItem(keyOf(name)) ?? "null") as StoredDraft | null;
    return stored?.about === about ? stored.draft : undefined;
  } catch {
    return undefined;
  }
}

interface StoredDraft {
  about: string;
  draft: Draft;
}

function store(name: string, stored: StoredDraft | undefined): void {
  try {
    if (stored === undefined) window.sessionStorage.removeItem(keyOf(name));
    else window.sessionStorage.setItem(keyOf(name), JSON.stringify(stored));
  } catch {
    // The draft then lasts as long as the page.
  }
}

function isSame(one: Draft, other: Draft): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function keyOf(name: string): string {
  return `holdpoint.draft.${name}`;
}
