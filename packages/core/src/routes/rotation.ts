import type { Rotation } from "@holdpoint/protocol";
import { Temporal } from "temporal-polyfill";
import { compareInstants } from "../instant.ts";

export interface OnCall {
  /** As the policy names them: an id or a mail address. Null before the first turn. */
  person: string | null;
  /** When somebody else takes over; null when nobody ever does. */
  until: string | null;
  next: string | null;
}

/** Who is on call at an instant. Turns change at `handoverAt` local time, whatever the clocks do in between. */
export function onCall(rotation: Rotation, at: string): OnCall {
  const person = personAt(rotation, at);
  for (const boundary of boundariesAfter(rotation, at)) {
    const next = personAt(rotation, boundary);
    if (next !== person) return { person, until: boundary, next };
  }
  return { person, until: null, next: null };
}

/** Like `onCall`, without looking ahead. */
export function personAt(rotation: Rotation, at: string): string | null {
  const override = rotation.overrides.findLast(
    ({ from, to }) => compareInstants(from, at) <= 0 && compareInstants(at, to) < 0,
  );
  if (override !== undefined) return override.person;
  const turn = turnAt(rotation, at);
  return turn < 0 ? null : (rotation.people[turn % rotation.people.length] ?? null);
}

/** The number of the turn that runs at `at`, from 0 on; -1 before the first. */
function turnAt(rotation: Rotation, at: string): number {
  const day = instantOf(at).toZonedDateTimeISO(rotation.timeZone).toPlainDate();
  const days = Temporal.PlainDate.from(rotation.startsOn).until(day, { largestUnit: "days" }).days;
  const turn = Math.floor(days / rotation.turnDays);
  // On its first day a turn begins only at the handover.
  return Math.max(-1, compareInstants(startOf(rotation, turn), at) <= 0 ? turn : turn - 1);
}

/** A handover that a clock skips is at the same distance after it; one that comes twice is the first (RFC 5545). */
function startOf(rotation: Rotation, turn: number): string {
  return Temporal.PlainDate.from(rotation.startsOn)
    .add({ days: turn * rotation.turnDays })
    .toZonedDateTime({
      timeZone: rotation.timeZone,
      plainTime: Temporal.PlainTime.from(rotation.handoverAt),
    })
    .toInstant()
    .toString();
}

function boundariesAfter(rotation: Rotation, at: string): string[] {
  const turn = turnAt(rotation, at);
  const turns = rotation.people.map((_, index) => startOf(rotation, turn + 1 + index));
  const overrides = rotation.overrides.flatMap(({ from, to }) =>
    [instantOf(from), instantOf(to)].map(String),
  );
  return [...turns, ...overrides]
    .filter((boundary) => compareInstants(boundary, at) > 0)
    .toSorted(compareInstants);
}

/** The database writes `+00` where Temporal asks for `+00:00`. */
function instantOf(text: string): Temporal.Instant {
  return Temporal.Instant.from(text.replace(/([+-]\d{2})$/, "$1:00"));
}
