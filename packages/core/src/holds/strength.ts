import { STRENGTHS, type Strength } from "@holdpoint/protocol";
import { addSeconds, compareInstants } from "../instant.ts";
import type { Rejection } from "./hold-command.ts";
import type { Decider, HoldState } from "./hold-state.ts";

/** How long ago a sign-in may lie that makes a decision `L2`. */
export const FRESH_SIGN_IN_SECONDS = 300;

/** How surely it is this person at `now`. `L3`, a passkey's signature, is not offered yet. */
export function strengthOf(by: Decider, now: string): Strength {
  const { signedInAt } = by;
  if (by.kind !== "member" || signedInAt === null || signedInAt === undefined) return "L1";
  return compareInstants(now, addSeconds(signedInAt, FRESH_SIGN_IN_SECONDS)) < 0 ? "L2" : "L1";
}

/** End users and events are asked for nothing but to be those who are addressed. */
export function refusalOfStrength(hold: HoldState, by: Decider, now: string): Rejection | undefined {
  if (by.kind === "end_user" || by.kind === "system") return undefined;
  const has = strengthOf(by, now);
  if (STRENGTHS.indexOf(has) >= STRENGTHS.indexOf(hold.strength)) return undefined;
  return { code: "not_strong_enough", needs: hold.strength, has };
}
