import type { DECIDING_ROLES } from "./legality.ts";

/** A span of time as people write it in a policy: `45s`, `30m`, `4h`, `2d`. */
export type Duration = string;

const UNIT_SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;

/** The seconds of a checked duration. */
export function durationSeconds(duration: Duration): number {
  return Number(duration.slice(0, -1)) * UNIT_SECONDS[duration.slice(-1) as keyof typeof UNIT_SECONDS];
}

/**
 * Who may decide, as data. A leaf names people; `allOf` wants a different person of each part, `anyOf` takes one of
 * any part, `{after, to}` lets its part in once the hold has waited that long.
 */
export type Route =
  | { role: (typeof DECIDING_ROLES)[number] }
  | { user: string }
  | { group: string }
  | { rotation: string }
  | { allOf: Route[] }
  | { anyOf: Route[] }
  | { after: Duration; to: Route };

/** The leaves of a route, in order: those that name people. */
export function leavesOf(
  route: Route,
): Exclude<Route, { allOf: Route[] } | { anyOf: Route[] } | { to: Route }>[] {
  if ("allOf" in route) return route.allOf.flatMap(leavesOf);
  if ("anyOf" in route) return route.anyOf.flatMap(leavesOf);
  return "to" in route ? leavesOf(route.to) : [route];
}

/** The role of a route that is nothing but a role: what the database's guard knows by itself. */
export function onlyRole(route: Route): (typeof DECIDING_ROLES)[number] | null {
  return "role" in route ? route.role : null;
}

const A_ROLE = {
  reviewer: "a reviewer",
  manager: "a manager",
  operator: "an operator",
  admin: "an admin",
} as const;

/** In words, for cards and messages: `a reviewer, or after 30m a manager`. */
export function routeInWords(route: Route): string {
  if ("role" in route) return A_ROLE[route.role];
  if ("user" in route) return route.user;
  if ("group" in route) return `one of ${route.group}`;
  if ("rotation" in route) return `whoever is on call in ${route.rotation}`;
  if ("after" in route) return `after ${route.after} ${routeInWords(route.to)}`;
  if ("allOf" in route) return route.allOf.map(routeInWords).join(" and ");
  return route.anyOf.map(routeInWords).join(", or ");
}
