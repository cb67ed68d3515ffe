const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `4 min 12 s`, `2 h 5 min`, `3 days`: at most two units, and exact where it matters. Never negative. */
export function formatDuration(ms: number): string {
  const left = Math.max(0, ms);
  if (left < MINUTE) return `${Math.floor(left / SECOND)} s`;
  if (left < HOUR) return two(left, MINUTE, "min", SECOND, "s");
  if (left < DAY) return two(left, HOUR, "h", MINUTE, "min");
  const days = Math.floor(left / DAY);
  return days < 10 ? two(left, DAY, days === 1 ? "day" : "days", HOUR, "h") : `${days} days`;
}

/** `just now`, `4 s ago`, `5 min ago`, `2 h ago`, `3 days ago`. */
export function formatAgo(ms: number): string {
  if (ms < 1_500) return "just now";
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s ago`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min ago`;
  if (ms < DAY) return `${Math.floor(ms / HOUR)} h ago`;
  const days = Math.floor(ms / DAY);
  return `${days} ${days === 1 ? "day" : "days"} ago`;
}

function two(ms: number, unit: number, name: string, part: number, partName: string): string {
  const whole = Math.floor(ms / unit);
  const rest = Math.floor((ms % unit) / part);
  return rest === 0 ? `${whole} ${name}` : `${whole} ${name} ${rest} ${partName}`;
}
