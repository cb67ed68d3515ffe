import { DECIDES_FOR, onlyRole, ROLES, type Role } from "@holdpoint/protocol";
import type { Rejection } from "./hold-command.ts";
import type { Decider, HoldState } from "./hold-state.ts";

type NotAllowed = Extract<Rejection, { code: "not_allowed" }>;

/** Whether someone of `role` satisfies a route that asks for `needed`. A custom role is satisfied by itself and admin. */
export function hasRole(role: string | null, needed: string): boolean {
  if (role === null) return false;
  if (isRole(needed)) return (DECIDES_FOR[needed] as readonly string[]).includes(role);
  return role === needed || role === "admin";
}

/** Why `by` may not decide on this hold, or undefined when they may (I9). */
export function refusalToDecide(hold: HoldState, by: Decider): NotAllowed | undefined {
  switch (by.kind) {
    case "agent_key":
      return { code: "not_allowed", why: "agent_key" };
    case "end_user":
      return isAddressedTo(hold, by) ? undefined : { code: "not_allowed", why: "end_user" };
    case "system": // an event answers what was addressed to it, and nothing else
      return hold.kind === "clarification" || hold.kind === "authorization"
        ? undefined
        : { code: "not_allowed", why: "role", needsRole: roleOf(hold) };
    default:
      if (!hasRole(by.role, roleOf(hold))) {
        return { code: "not_allowed", why: "role", needsRole: roleOf(hold) };
      }
      return refusalBySeparation(hold, by);
  }
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

/** I10: a route that is not understood is an admin's to decide. */
function roleOf(hold: HoldState): Role {
  return onlyRole(hold.route) ?? "admin";
}

function refusalBySeparation(hold: HoldState, by: Decider): NotAllowed | undefined {
  if (hold.separation === "starter" && by.memberId !== null && by.memberId === hold.starterId) {
    return { code: "not_allowed", why: "starter" };
  }
  if (!isSelfDecided(hold, by)) return undefined;
  // What an operator key asked for, the member it acts as may decide; what a member asked for in a session, not.
  const isByKey = hold.requester.kind === "operator_key";
  return isByKey && hold.separation !== "strict" ? undefined : { code: "not_allowed", why: "requester" };
}

function isAddressedTo(hold: HoldState, by: Decider): boolean {
  const isQuestion = hold.kind === "clarification" || hold.kind === "authorization";
  return isQuestion && hold.endUserId !== null && hold.endUserId === by.id;
}

function isRole(name: string): name is Role {
  return (ROLES as readonly string[]).includes(name);
}
