import { onlyRole, routeInWords, type Route } from "@holdpoint/protocol";
import { entitlementsOf, hasRole, NO_DIRECTORY, type Directory, type Person } from "../routes/eligibility.ts";
import { withLadderEnd } from "../routes/ladder.ts";
import type { Rejection } from "./hold-command.ts";
import type { Decider, HoldState } from "./hold-state.ts";

export { hasRole } from "../routes/eligibility.ts";

type NotAllowed = Extract<Rejection, { code: "not_allowed" }>;

/** Why `by` may not decide on this hold at `now`, or undefined when they may (I9). */
export function refusalToDecide(
  hold: HoldState,
  by: Decider,
  now: string = hold.createdAt,
  directory: Directory = NO_DIRECTORY,
): NotAllowed | undefined {
  switch (by.kind) {
    case "agent_key":
      return { code: "not_allowed", why: "agent_key" };
    case "end_user":
      return isAddressedTo(hold, by) ? undefined : { code: "not_allowed", why: "end_user" };
    case "system": // an event answers what was addressed to it, and nothing else
      return hold.kind === "clarification" || hold.kind === "authorization"
        ? undefined
        : refusalByRoute(routeOf(hold));
    default: {
      const moment = { createdAt: hold.createdAt, at: now, directory };
      const route = routeOf(hold);
      const person = personOf(by);
      if (entitlementsOf(route, person, moment).length === 0) return refusalByRoute(route);
      const refusal = refusalBySeparation(hold, by);
      if (refusal !== undefined) return refusal;
      // Who stands in for somebody who may not decide here may not either.
      const isTheirs = entitlementsOf(route, person, moment, (id) => isKeptOut(hold, id)).length > 0;
      return isTheirs ? undefined : { code: "not_allowed", why: "requester" };
    }
  }
}

/** Who may decide now: the route, and the ladder's end once it is asked too. */
export function routeOf(hold: HoldState): Route {
  return hold.ladderEnd.askedAt === null ? hold.route : withLadderEnd(hold.route, hold.ladderEnd.route);
}

/** Whether this member's right counts for nobody: they asked for it themselves, or started the run (I9). */
export function isKeptOut(hold: HoldState, memberId: string): boolean {
  if (hold.separation === "starter" && memberId === hold.starterId) return true;
  if (memberId !== hold.requester.memberId) return false;
  // What an operator key asked for, the member it acts as may decide; what a member asked for in a session, not.
  return hold.requester.kind !== "operator_key" || hold.separation === "strict";
}

/** Whether the human behind `by` decides what they asked for themselves; recorded as `selfDecided`. */
export function isSelfDecided(hold: HoldState, by: Decider): boolean {
  return by.memberId !== null && by.memberId === hold.requester.memberId;
}

/** Why `by` may not withdraw the hold, or undefined when they may. */
export function refusalToCancel(hold: HoldState, by: Decider): NotAllowed | undefined {
  const isOwner = by.id === hold.requester.id || isSelfDecided(hold, by);
  if (by.kind === "system" || isOwner || hasRole(by.role, "operator")) return undefined;
  return { code: "not_allowed", why: "owner", needsRole: "operator" };
}

/** The human as routes look at them. Without a member nobody is meant by name. */
export function personOf(by: Decider): Person {
  return {
    memberId: by.memberId ?? by.id,
    email: by.email ?? "",
    role: by.role,
    standsInFor: by.standsInFor ?? [],
  };
}

function refusalByRoute(route: Route): NotAllowed {
  const role = onlyRole(route);
  if (role !== null) return { code: "not_allowed", why: "role", needsRole: role };
  return { code: "not_allowed", why: "route", needs: routeInWords(route) };
}

function refusalBySeparation(hold: HoldState, by: Decider): NotAllowed | undefined {
  if (by.memberId === null || !isKeptOut(hold, by.memberId)) return undefined;
  const isStarter = hold.separation === "starter" && by.memberId === hold.starterId;
  return { code: "not_allowed", why: isStarter ? "starter" : "requester" };
}

function isAddressedTo(hold: HoldState, by: Decider): boolean {
  const isQuestion = hold.kind === "clarification" || hold.kind === "authorization";
  return isQuestion && hold.endUserId !== null && hold.endUserId === by.id;
}
