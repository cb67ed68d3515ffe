import type { Policy, Route } from "@holdpoint/protocol";

/** The most different people that a route may let in: infinite where a role does. */
export function mostPeopleOf(route: Route, policy: Pick<Policy, "groups" | "rotations">): number {
  const people = new Set<string>();
  return collect(route, policy, people) ? Infinity : people.size;
}

/** True where a role lets in any number. */
function collect(route: Route, policy: Pick<Policy, "groups" | "rotations">, people: Set<string>): boolean {
  if ("role" in route) return true;
  if ("allOf" in route) return route.allOf.map((part) => collect(part, policy, people)).some(Boolean);
  if ("anyOf" in route) return route.anyOf.map((part) => collect(part, policy, people)).some(Boolean);
  if ("to" in route) return collect(route.to, policy, people);
  if ("user" in route) people.add(route.user.toLowerCase());
  else if ("group" in route) {
    if (!Object.hasOwn(policy.groups, route.group)) return true; // said as an unknown group
    for (const person of policy.groups[route.group] ?? []) people.add(person.toLowerCase());
  } else {
    // Whoever is on call is one person at a time, and not known beforehand.
    people.add(`rotation ${route.rotation}`);
  }
  return false;
}
