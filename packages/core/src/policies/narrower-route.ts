import { DECIDES_FOR, durationSeconds, type Role, type Route } from "@holdpoint/protocol";
import { isSameJson } from "../holds/modification.ts";

type Groups = Readonly<Record<string, readonly string[]>>;

/**
 * Whether whoever satisfies `asked` satisfies `given` as well, and no sooner. False where that is not known: a person
 * may or may not have a role.
 */
export function isNarrowerRoute(asked: Route, given: Route, groups: Groups = {}): boolean {
  if (isSameJson(asked, given)) return true;
  if ("anyOf" in asked) return asked.anyOf.every((part) => isNarrowerRoute(part, given, groups));
  if ("anyOf" in given && given.anyOf.some((part) => isNarrowerRoute(asked, part, groups))) return true;
  if ("allOf" in given) return "allOf" in asked && coversAll(asked.allOf, given.allOf, groups);
  if ("allOf" in asked) return asked.allOf.some((part) => isNarrowerRoute(part, given, groups));
  if ("after" in asked) {
    if (!("after" in given)) return isNarrowerRoute(asked.to, given, groups);
    return (
      durationSeconds(asked.after) >= durationSeconds(given.after) &&
      isNarrowerRoute(asked.to, given.to, groups)
    );
  }
  return isLeafNarrower(asked, given, groups);
}

function isLeafNarrower(asked: Route, given: Route, groups: Groups): boolean {
  if ("role" in asked && "role" in given) {
    const mayDecide: readonly Role[] = DECIDES_FOR[given.role];
    return DECIDES_FOR[asked.role].every((role) => mayDecide.includes(role));
  }
  if (!("group" in given) || !Object.hasOwn(groups, given.group)) return false;
  const members = new Set((groups[given.group] ?? []).map(personKey));
  if ("user" in asked) return members.has(personKey(asked.user));
  if (!("group" in asked) || !Object.hasOwn(groups, asked.group)) return false;
  return (groups[asked.group] ?? []).every((person) => members.has(personKey(person)));
}

/** Mail addresses are one in any case. */
function personKey(person: string): string {
  return person.toLowerCase();
}

/** Each part that is given needs a part of its own among those asked, since each wants a different person. */
function coversAll(asked: readonly Route[], given: readonly Route[], groups: Groups): boolean {
  const [first, ...rest] = given;
  if (first === undefined) return true;
  return asked.some(
    (part, index) =>
      isNarrowerRoute(part, first, groups) && coversAll(asked.toSpliced(index, 1), rest, groups),
  );
}
