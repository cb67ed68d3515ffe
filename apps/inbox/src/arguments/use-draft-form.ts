import type { JsonObject, JsonValue } from "@holdpoint/protocol";
import { useEffect, useMemo } from "react";
import { useForm, useWatch } from "react-hook-form";
import { findChanges, type Change } from "./changes.ts";
import { emptyDraft, fromDraft, readForm, toDraft, type Draft, type DraftProblem } from "./draft.ts";
import type { Field } from "./schema.ts";

export interface DraftFormOptions {
  schema: JsonObject | null;
  /** What was proposed; undefined where there is nothing yet. */
  proposed: JsonValue | undefined;
  /** Under this name an unsent edit survives a reload of the tab. */
  storedAs: string;
}

/** A typed form over a JSON value: what it says now, how that differs from what was proposed, what does not fit. */
export function useDraftForm({ schema, proposed, storedAs }: DraftFormOptions) {
  const field = useMemo(() => readForm(schema, proposed), [schema, proposed]);
  const form = useForm<{ draft: unknown }>({
    defaultValues: { draft: startingDraft(field, proposed, storedAs) },
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
    if (problems.length === 0) store(storedAs, changes.length === 0 ? undefined : value);
  }, [storedAs, changes, value, problems.length]);
  return {
    field,
    form,
    value,
    problems,
    changes,
    reset: () => form.reset({ draft: proposed === undefined ? emptyDraft(field) : toDraft(field, proposed) }),
    /** The draft was sent, or is not wanted any more. */
    forget: () => store(storedAs, undefined),
  };
}

function startingDraft(field: Field, proposed: JsonValue | undefined, storedAs: string): Draft {
  try {
    const stored = window.sessionStorage.getItem(keyOf(storedAs));
    if (stored !== null) return toDraft(field, JSON.parse(stored) as JsonValue);
  } catch {
    // Not allowed, or not ours: the form begins with what was proposed.
  }
  return proposed === undefined ? emptyDraft(field) : toDraft(field, proposed);
}

function store(name: string, value: JsonValue | undefined): void {
  try {
    if (value === undefined) window.sessionStorage.removeItem(keyOf(name));
    else window.sessionStorage.setItem(keyOf(name), JSON.stringify(value));
  } catch {
    // The draft then lasts as long as the page.
  }
}

function keyOf(name: string): string {
  return `holdpoint.draft.${name}`;
}
