import { DECIDES_FOR, onlyRole, type Hold, type Me } from "@holdpoint/protocol";
import { WHO_DECIDES } from "../words/hold-words.ts";

/** Why this person may not decide it, in words; undefined where they may. The service has the last word. */
export function reasonAgainst(hold: Hold, me: Me | undefined): string | undefined {
  if (me === undefined) return "Who you are is not known yet.";
  const role = onlyRole(hold.route);
  // Whom a composed route asks, the service knows.
  if (role === null) return undefined;
  if (me.role !== null && (DECIDES_FOR[role] as readonly string[]).includes(me.role)) return undefined;
  return `Only ${WHO_DECIDES[role]} may decide this; you are ${me.role === null ? "nobody here" : `a ${me.role}`}.`;
}
