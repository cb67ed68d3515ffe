import { canonicalJson, type Route } from "@holdpoint/protocol";
import { hasRole } from "./eligibility.ts";

/**
 * The declared route together with one that whoever asks wants: only ever stricter. A role that may decide there anyway
 * takes the declared role's place; everything else is asked for besides, of a different person.
 */
export function narrowed(declared: Route, asked: Route | undefined): Route {
  if (asked === undefined || canonicalJson(asked) === canonicalJson(declared)) return declared;
  if ("role" in asked && "role" in declared && hasRole(asked.role, declared.role)) return asked;
  return { allOf: [declared, asked] };
}
