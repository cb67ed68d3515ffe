/**
 * An instant of PostgreSQL (`2026-11-21T03:00:00.123456+00:00`, or with a space) as the API writes it:
 * `2026-11-21T03:00:00.123456Z`, always with six digits, so that instants compare as text: PostgreSQL leaves
 * trailing zeros out. Text to text: a JavaScript date would lose the microseconds. The session's time zone is UTC,
 * which makes this a change of spelling only.
 */
export function renderInstant(text: string): string {
  const instant = text.replace(" ", "T").replace(/(\+00(:?00)?|Z)$/, "");
  if (/[+-]\d\d(:?\d\d)?$/.test(instant.slice(10))) throw new TypeError(`instant is not in UTC: ${text}`);
  const [seconds = "", fraction = ""] = instant.split(".");
  return `${seconds}.${fraction.padEnd(6, "0")}Z`;
}

export function renderInstantOrNull(text: string | null): string | null {
  return text === null ? null : renderInstant(text);
}
