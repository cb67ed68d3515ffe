/*
 * The newest checkpoint that this browser has verified. A log that was cut off or written anew since, even by somebody
 * with its key, does not fit it: the browser of everybody who verifies is a witness, at no cost.
 */

export interface KeptCheckpoint {
  note: string;
  size: number;
  /** When it was verified here. */
  at: string;
}

export function readKept(orgId: string): KeptCheckpoint | undefined {
  try {
    const kept = JSON.parse(
      window.localStorage.getItem(keyOf(orgId)) ?? "null",
    ) as Partial<KeptCheckpoint> | null;
    if (typeof kept?.note !== "string" || typeof kept.size !== "number" || typeof kept.at !== "string")
      return undefined;
    return { note: kept.note, size: kept.size, at: kept.at };
  } catch {
    return undefined;
  }
}

/** Keeps it, unless a larger one is kept already. */
export function keep(orgId: string, checkpoint: KeptCheckpoint): void {
  if ((readKept(orgId)?.size ?? -1) > checkpoint.size) return;
  try {
    window.localStorage.setItem(keyOf(orgId), JSON.stringify(checkpoint));
  } catch {
    // Storage may be refused: then this browser is no witness, and says nothing of one.
  }
}

export function forgetKept(orgId: string): void {
  try {
    window.localStorage.removeItem(keyOf(orgId));
  } catch {
    // What cannot be stored was not.
  }
}

function keyOf(orgId: string): string {
  return `holdpoint.checkpoint.${orgId}`;
}
