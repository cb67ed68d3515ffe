import type { Hold } from "@holdpoint/protocol";
import { useState } from "react";

export interface StableList {
  /** What is shown: in the order in which it was first shown, each as it is now. */
  shown: Hold[];
  /** How many there are that are not shown. */
  newCount: number;
  /** Shows the list as it is now. */
  refresh: () => void;
}

/**
 * Keeps what a person looks at in its place (nothing moves under the cursor): what is new waits until it is asked
 * for, and what left the list stays where it was, as it is now, until then.
 *
 * `key` names the list; another key is another list.
 */
export function useStableList(key: string, fresh: readonly Hold[] | undefined): StableList {
  const [state, setState] = useState<{ key: string; shown: readonly Hold[] | undefined }>({
    key,
    shown: undefined,
  });
  let { shown } = state;
  if (state.key !== key) shown = undefined;
  // With nothing on the screen there is nothing to move.
  if ((shown === undefined || shown.length === 0) && fresh !== undefined) shown = fresh;
  shown = withNextPage(shown, fresh);
  if (shown !== state.shown || state.key !== key) setState({ key, shown });
  const freshById = new Map(fresh?.map((hold) => [hold.id, hold]));
  const known = new Set(shown?.map((hold) => hold.id));
  return {
    shown: (shown ?? []).map((hold) => freshById.get(hold.id) ?? hold),
    newCount: fresh?.filter((hold) => !known.has(hold.id)).length ?? 0,
    refresh: () => setState({ key, shown: fresh }),
  };
}

/** What was asked for by scrolling comes after what is shown: ids that are older than the last of it. */
function withNextPage(
  shown: readonly Hold[] | undefined,
  fresh: readonly Hold[] | undefined,
): readonly Hold[] | undefined {
  const last = shown?.at(-1);
  if (shown === undefined || fresh === undefined || last === undefined) return shown;
  const older = fresh.filter((hold) => hold.id < last.id);
  return older.length === 0 ? shown : [...shown, ...older];
}
