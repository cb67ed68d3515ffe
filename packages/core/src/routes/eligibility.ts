import {
  DECIDES_FOR,
  durationSeconds,
  ROLES,
  type leavesOf,
  type Policy,
  type Role,
  type Route,
} from "@holdpoint/protocol";
import { addSeconds, compareInstants } from "../instant.ts";
import { personAt } from "./rotation.ts";

/** The part of the policy that says who is meant by a group or a rotation. */
export type Directory = Pick<Policy, "groups" | "rotations">;

/** Without a policy nobody is in a group or on call (I10). */
export const NO_DIRECTORY: Directory = { groups: {}, rotations: {} };

/** Whose right it is: a person's own, or that of somebody they stand in for. */
export interface Mandate {
  memberId: string;
  email: string;
  role: string | null;
}

export interface Person extends Mandate {
  /** Those who have delegated to them for now. Delegations do not chain. */
  standsInFor: readonly (Mandate & { delegationId: string })[];
}

/** A part of a route that names people. */
export type Leaf = ReturnType<typeof leavesOf>[number];

/** One way in which a person may decide: by which part of the route, and by whose right. */
export interface Entitlement {
  leaf: Leaf;
  /** Whose right it is. */
  memberId: string;
  /** Null where it is their own. */
  delegationId: string | null;
}

export interface RouteMoment {
  /** `{after, to}` counts from here. */
  createdAt: string;
  at: string;
  directory: Directory;
}

/** One seat of a route: a person who satisfies any of these parts may take it. */
export type Seat = readonly Leaf[];

/** Whether someone of `role` satisfies a route that asks for `needed`. A custom role is satisfied by itself and admin. */
export function hasRole(role: string | null, needed: string): boolean {
  if (role === null) return false;
  if (isRole(needed)) return (DECIDES_FOR[needed] as readonly string[]).includes(role);
  return role === needed || role === "admin";
}

/**
 * The ways in which a route can be satisfied at that moment: in each, every seat needs a person of its own. None while
 * all of it still waits for its time. A route of 32 parts has at most 1,024.
 */
export function waysOf(route: Route, moment: Omit<RouteMoment, "directory">): Seat[][] {
  if ("after" in route) {
    const from = addSeconds(moment.createdAt, durationSeconds(route.after));
    return compareInstants(from, moment.at) <= 0 ? waysOf(route.to, moment) : [];
  }
  if ("anyOf" in route) {
    const ways = route.anyOf.flatMap((part) => waysOf(part, moment));
    const single = ways.filter((way) => way.length === 1).flatMap(([seat]) => seat ?? []);
    return [...(single.length === 0 ? [] : [[single]]), ...ways.filter((way) => way.length !== 1)];
  }
  if ("allOf" in route) {
    return route.allOf
      .map((part) => waysOf(part, moment))
      .reduce((ways, more) => ways.flatMap((way) => more.map((other) => [...way, ...other])), [[]]);
  }
  return [[[route]]];
}

/** How many different people a route needs at the least, once all its times have come. */
export function fewestPeople(route: Route): number {
  if ("after" in route) return fewestPeople(route.to);
  if ("anyOf" in route) return Math.min(...route.anyOf.map(fewestPeople));
  if ("allOf" in route) return route.allOf.reduce((sum, part) => sum + fewestPeople(part), 0);
  return 1;
}

/**
 * By which open parts of a route, and by whose right, a person may decide; empty when they may not. Their own right comes
 * first. `isOut` keeps people's rights out, such as the requester's where whoever asks may not decide (I9).
 */
export function entitlementsOf(
  route: Route,
  person: Person,
  moment: RouteMoment,
  isOut: (memberId: string) => boolean = () => false,
): Entitlement[] {
  const open = new Set(waysOf(route, moment).flat(2));
  const mandates = [{ ...person, delegationId: null }, ...person.standsInFor].filter(
    ({ memberId }) => !isOut(memberId),
  );
  return mandates.flatMap((mandate) =>
    [...open]
      .filter((leaf) => isMeant(leaf, mandate, moment))
      .map((leaf) => ({ leaf, memberId: mandate.memberId, delegationId: mandate.delegationId })),
  );
}

function isMeant(leaf: Leaf, who: Mandate, { at, directory }: RouteMoment): boolean {
  if ("role" in leaf) return hasRole(who.role, leaf.role);
  if ("user" in leaf) return isPerson(leaf.user, who);
  if ("group" in leaf) return own(directory.groups, leaf.group)?.some((name) => isPerson(name, who)) ?? false;
  const rotation = own(directory.rotations, leaf.rotation);
  const person = rotation === undefined ? null : personAt(rotation, at);
  return person !== null && isPerson(person, who);
}

/** One human under two spellings is one human: ids are exact, mail addresses are compared without case. */
export function isPerson(name: string, who: Pick<Mandate, "memberId" | "email">): boolean {
  return name === who.memberId || name.trim().toLowerCase() === who.email.toLowerCase();
}

/** Names come from people: `constructor` is a group only where one is called so. */
function own<Value>(record: Record<string, Value>, name: string): Value | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

function isRole(name: string): name is Role {
  return (ROLES as readonly string[]).includes(name);
}
