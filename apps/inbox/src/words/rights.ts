import type { Me } from "@holdpoint/protocol";

/** Whether this person takes runs, agents and tools in hand. */
export function mayOperate(me: Pick<Me, "role"> | undefined): boolean {
  return me?.role === "operator" || me?.role === "admin";
}
