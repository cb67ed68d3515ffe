/*
 * Instants are ISO 8601 text, as the database gives them, with up to microseconds. A JavaScript Date would cut them to
 * milliseconds, and a decision could count after its deadline (I6): arithmetic is in whole microseconds.
 */

const INSTANT = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}(?::?\d{2})?)$/;

/** Microseconds since 1970-01-01 UTC; digits beyond microseconds are cut. Throws `RangeError` for what is no instant. */
export function instantMicroseconds(instant: string): bigint {
  const match = INSTANT.exec(instant);
  if (match === null) throw new RangeError(`Not an instant: ${JSON.stringify(instant)}.`);
  const [, date, time, fraction = "", zone = "Z"] = match;
  const milliseconds = Date.parse(`${date}T${time}${isoZone(zone)}`);
  if (Number.isNaN(milliseconds)) throw new RangeError(`Not an instant: ${JSON.stringify(instant)}.`);
  return BigInt(milliseconds) * 1000n + BigInt(fraction.slice(0, 6).padEnd(6, "0"));
}

/** Negative when `left` is before `right`, 0 when they are the same instant. */
export function compareInstants(left: string, right: string): number {
  const [a, b] = [instantMicroseconds(left), instantMicroseconds(right)];
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The instant `seconds` later, written in UTC with as many digits as it needs (at least milliseconds). */
export function addSeconds(instant: string, seconds: number): string {
  const micros = instantMicroseconds(instant) + BigInt(Math.round(seconds * 1_000_000));
  const belowMillisecond = ((micros % 1000n) + 1000n) % 1000n;
  const text = new Date(Number((micros - belowMillisecond) / 1000n)).toISOString();
  return belowMillisecond === 0n ? text : text.replace("Z", `${String(belowMillisecond).padStart(3, "0")}Z`);
}

/** PostgreSQL writes `+00` and `+0000` where JavaScript asks for `+00:00`. */
function isoZone(zone: string): string {
  if (zone === "Z" || zone.includes(":")) return zone;
  return `${zone.slice(0, 3)}:${zone.slice(3).padEnd(2, "0")}`;
}
