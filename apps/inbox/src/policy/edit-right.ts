import { useQuery } from "@tanstack/react-query";
import { meQuery } from "../service/queries.ts";

/** Why this person may not change the policy, in words; undefined where they may. The service has the last word. */
export function useEditRight(): string | undefined {
  const { data: me } = useQuery(meQuery);
  if (me === undefined) return "Who you are is not known yet.";
  if (me.role === "operator" || me.role === "admin") return undefined;
  return `Only an operator or an admin may change the policy; you are ${me.role === null ? "nobody here" : `a ${me.role}`}.`;
}
