import { WEEKDAYS, type BusinessHours } from "@holdpoint/protocol";
import { Temporal } from "temporal-polyfill";
import { addSeconds, compareInstants, instantMicroseconds } from "../instant.ts";

/** Ten years: no search goes farther, whatever a policy's days and hours are. */
const MAX_DAYS = 3_660;

/**
 * The instant at which `seconds` of business time have passed after `start`. A day has as many seconds as its opening
 * hours really have: one fewer hour, or one more, when the clocks change in between. Hours that end before they begin go
 * on until the next day; `24:00`, or the same as `from`, is a whole day's end. At most ten years after `start`.
 */
export function addBusinessSeconds(start: string, seconds: number, hours: BusinessHours): string {
  let left = BigInt(Math.round(seconds * 1_000_000));
  let day = Temporal.Instant.from(addSeconds(start, 0))
    .toZonedDateTimeISO(hours.timeZone)
    .toPlainDate()
    .subtract({ days: 1 }); // its hours may reach into today
  const holidays = new Set(hours.holidays);
  let from = start;
  for (let count = 0; count < MAX_DAYS; count++, day = day.add({ days: 1 })) {
    const weekday = WEEKDAYS[day.dayOfWeek - 1];
    if (weekday === undefined || !hours.days.includes(weekday) || holidays.has(day.toString())) continue;
    const [opens, closes] = hoursOf(day, hours);
    if (compareInstants(closes, from) <= 0) continue;
    if (compareInstants(opens, from) > 0) from = opens;
    const open = instantMicroseconds(closes) - instantMicroseconds(from);
    if (left <= open) return addSeconds(from, Number(left) / 1_000_000);
    left -= open;
    from = closes;
  }
  return from;
}

/** How many seconds of real time business seconds are, begun at `start`. */
export function realSeconds(start: string, businessSeconds: number, hours: BusinessHours): number {
  const end = addBusinessSeconds(start, businessSeconds, hours);
  return Number(instantMicroseconds(end) - instantMicroseconds(start)) / 1_000_000;
}

function hoursOf(day: Temporal.PlainDate, hours: BusinessHours): [string, string] {
  const isOvernight = hours.to <= hours.from;
  const isMidnight = hours.to === "24:00";
  const end = isMidnight || isOvernight ? day.add({ days: 1 }) : day;
  return [
    instantAt(day, hours.from, hours.timeZone),
    instantAt(end, isMidnight ? "00:00" : hours.to, hours.timeZone),
  ];
}

function instantAt(day: Temporal.PlainDate, time: string, timeZone: string): string {
  return day
    .toZonedDateTime({ timeZone, plainTime: Temporal.PlainTime.from(time) })
    .toInstant()
    .toString();
}
