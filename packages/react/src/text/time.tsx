import { useSyncExternalStore } from "react";
import { formatAgo, formatDuration } from "./duration.ts";

const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "short" });
const STEP_MS = 1_000;
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let now = Date.now();

/** One tick for the page, while anybody looks at a clock: no two countdowns disagree. */
function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const each of listeners) each();
  }, STEP_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

function useNow(): number {
  return useSyncExternalStore(
    subscribe,
    () => now,
    () => now,
  );
}

/** `5 min ago`, with the exact time to be read by whoever rests on it. */
export function AgoTime({ at }: { at: string }) {
  return (
    <time dateTime={at} title={exact.format(new Date(at))}>
      {formatAgo(useNow() - Date.parse(at))}
    </time>
  );
}

/** How long there is to answer. Rounded to what matters: seconds only in the last minutes. */
export function TimeLeft({ until }: { until: string }) {
  const left = Date.parse(until) - useNow();
  const isClose = left < 300_000;
  return (
    <time dateTime={until} title={exact.format(new Date(until))} className={isClose ? "hp-close" : undefined}>
      {left <= 0 ? "the time is up" : `${formatDuration(isClose ? left : left - (left % 60_000))} left`}
    </time>
  );
}
