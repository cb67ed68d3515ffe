import { canonicalJson, durationSeconds, routeInWords, type Route } from "@holdpoint/protocol";
import { addSeconds, compareInstants } from "../instant.ts";
import { fewestPeople, hasRole } from "./eligibility.ts";

/** Where a hold ends up that nobody answers: the escalation tier's route. */
export interface Ladder {
  route: Route;
  /** What is left once the last deadline has passed with `onTimeout: "escalate"`. */
  timeoutSeconds: number;
  /** Asked too once the response target has passed, that many seconds after creation; null: only at the last deadline. */
  askAfterSeconds: number | null;
}

/** Who is asked too, that many seconds after the hold's creation. */
export interface LadderStep {
  afterSeconds: number;
  route: Route;
}

export interface Waiting {
  route: Route;
  ladder: Ladder | null;
  remindEverySeconds: number | null;
  createdAt: string;
  expiresAt: string | null;
}

/** The steps of a hold in order: the parts of its route that wait for their time, and the ladder's end. */
export function stepsOf(route: Route, ladder: Ladder | null): LadderStep[] {
  const own = partsAfter(route, 0);
  const end =
    ladder === null || ladder.askAfterSeconds === null
      ? []
      : [{ afterSeconds: ladder.askAfterSeconds, route: ladder.route }];
  return [...own, ...end].toSorted((left, right) => left.afterSeconds - right.afterSeconds);
}

export type NextStepOfHold = { at: string; type: "asked" | "reminder"; who: string };

/** What happens next, after `now`, while nobody decides; null when nothing does before the deadline. */
export function nextStepOf(hold: Waiting, now: string): NextStepOfHold | null {
  const asked = stepsOf(hold.route, hold.ladder)
    .map(({ afterSeconds, route }) => ({
      at: addSeconds(hold.createdAt, afterSeconds),
      type: "asked" as const,
      who: routeInWords(route),
    }))
    .find(({ at }) => compareInstants(at, now) > 0);
  const reminder = nextReminder(hold, now);
  const next =
    asked === undefined || (reminder !== undefined && compareInstants(reminder.at, asked.at) < 0)
      ? reminder
      : asked;
  if (next === undefined) return null;
  return hold.expiresAt !== null && compareInstants(next.at, hold.expiresAt) >= 0 ? null : next;
}

/** The route with the ladder's end: as many of its people as the route itself needs at the least may decide instead. */
export function withLadderEnd(route: Route, end: Route): Route {
  const seats = fewestPeople(route);
  return { anyOf: [route, seats === 1 ? end : { allOf: Array.from({ length: seats }, () => end) }] };
}

/** Whether `end` lets people in that `route` does not; unsure is yes. */
export function isWider(end: Route, route: Route): boolean {
  if (canonicalJson(end) === canonicalJson(route)) return false;
  return !("role" in end && "role" in route && hasRole(end.role, route.role));
}

function nextReminder(hold: Waiting, now: string): NextStepOfHold | undefined {
  const every = hold.remindEverySeconds;
  if (every === null) return undefined;
  let turn = 1;
  const passed = (Date.parse(now) - Date.parse(hold.createdAt)) / 1_000;
  if (passed > 0) turn = Math.max(1, Math.floor(passed / every));
  let at = addSeconds(hold.createdAt, turn * every);
  while (compareInstants(at, now) <= 0) at = addSeconds(hold.createdAt, ++turn * every);
  return { at, type: "reminder", who: routeInWords(hold.route) };
}

function partsAfter(route: Route, base: number): LadderStep[] {
  if ("after" in route) {
    // Times inside count from the creation too: an inner one that is shorter comes with the outer.
    const afterSeconds = Math.max(base, durationSeconds(route.after));
    return [{ afterSeconds, route: route.to }, ...partsAfter(route.to, afterSeconds)];
  }
  if ("anyOf" in route) return route.anyOf.flatMap((part) => partsAfter(part, base));
  return "allOf" in route ? route.allOf.flatMap((part) => partsAfter(part, base)) : [];
}
