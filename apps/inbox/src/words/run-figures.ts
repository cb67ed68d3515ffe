import { formatDuration } from "@holdpoint/react/words";
import type { Cost, Run, RunStatus } from "@holdpoint/protocol";

const count = new Intl.NumberFormat("en");

/** `1,234 tokens`. */
export function tokensInWords(tokens: number): string {
  return `${count.format(tokens)} ${tokens === 1 ? "token" : "tokens"}`;
}

/** In its currency, as exact as prices by the million make it: `$0.0021`. */
export function costInWords({ currency, amount }: NonNullable<Cost>): string {
  const digits = amount === 0 || amount >= 1 ? 2 : Math.min(8, 1 - Math.floor(Math.log10(amount)));
  try {
    return new Intl.NumberFormat("en", {
      style: "currency",
      currency,
      minimumFractionDigits: 2,
      maximumFractionDigits: Math.max(2, digits),
    }).format(amount);
  } catch {
    // No currency that browsers know: a unit of the config's own.
    return `${amount.toFixed(Math.max(2, digits))} ${currency}`;
  }
}

/** `40 ms`, `1.4 s`, where whole seconds would say nothing; `4 min 12 s`. */
export function spanInWords(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  return ms < 10_000 ? `${(ms / 1_000).toFixed(1)} s` : formatDuration(ms);
}

export interface TimePart {
  key: "working" | "waiting" | "paused" | "queued";
  label: string;
  ms: number;
}

/** Which part of its time a run is adding to just now; none once it has ended. */
const RUNS_ON: Partial<Record<RunStatus, TimePart["key"]>> = {
  queued: "queued",
  running: "working",
  holding: "waiting",
  paused: "paused",
};

/** Time working against time waiting, as of `sinceReadMs` after the run was read. */
export function timeOf(run: Pick<Run, "time" | "status">, sinceReadMs: number): TimePart[] {
  const { queuedMs, runningMs, holdingMs, pausedMs } = run.time;
  const parts: TimePart[] = [
    { key: "working", label: "Working", ms: runningMs },
    { key: "waiting", label: "Waiting for people", ms: holdingMs },
    { key: "paused", label: "Paused", ms: pausedMs },
    { key: "queued", label: "Before it began", ms: queuedMs },
  ];
  return parts.map((part) =>
    part.key === RUNS_ON[run.status] ? { ...part, ms: part.ms + Math.max(0, sinceReadMs) } : part,
  );
}
