import type { JsonObject, JsonValue, Policy } from "@holdpoint/protocol";
import { isCardNumber, isIban, isNationalId, isPhoneNumber } from "./identifiers.ts";
import { compilePattern, MAX_MATCHED_LENGTH, type LinearPattern } from "./linear-pattern.ts";

/** What the arguments give away, in words, without the value itself; undefined where nothing was found. */
export type Detector = (action: {
  arguments: JsonObject;
  handles?: readonly string[] | undefined;
}) => string | undefined;

/** What a tool may say that it handles; the presets look for these. */
export const HANDLES = {
  personalData: "personal_data",
  regulated: "regulated",
  publicInformation: "public_information",
} as const;

/** Names of arguments that hold personal data; `*` stands for anything. Compared as words: `customerEmail` is one. */
export const PERSONAL_NAMES = (
  "email email_address mail_address phone phone_number telephone mobile_number fax first_name last_name full_name " +
  "surname given_name family_name maiden_name birthday birth_date date_of_birth dob place_of_birth home_address " +
  "postal_address street_address billing_address shipping_address ssn social_security* national_id* passport* " +
  "driving_licence* driver_license* tax_id* iban account_number card_number credit_card* ip_address gender ethnicity " +
  "religion nationality"
).split(" ");

/** Names of arguments that regulations speak of: money laundering, health, sanctions, cards, children. */
export const REGULATED_NAMES = (
  "kyc* aml* sanction* pep_status politically_exposed* diagnosis medical* patient* health_record* prescription* " +
  "card_number credit_card* cvv cvc iban tax_id* beneficial_owner* export_control* guardian_consent consent_withdrawn"
).split(" ");

type Kind = "an e-mail address" | "a phone number" | "an IBAN" | "a card number" | "a national id number";
const PERSONAL_KINDS: readonly Kind[] = ["an e-mail address", "a phone number", "an IBAN", "a card number", "a national id number"]; // prettier-ignore
const REGULATED_KINDS: readonly Kind[] = ["an IBAN", "a card number", "a national id number"];

const MAX_VALUES = 5_000;
/** Looking through this much takes a tenth of a second at worst; an action is evaluated between two others. */
const MAX_TEXT = 100_000;
const MAX_DEPTH = 100;

/** Adds what the policy lists to what is known here. A pattern that cannot be compiled finds something in all (I10). */
export function personalDataDetector(detectors: Policy["detectors"]): Detector {
  const { arguments: names = [], values = [] } = detectors.personalData ?? {};
  const patterns = values.map((source) => tryCompile(source));
  return detectorOf({
    handles: [HANDLES.personalData],
    says: "The tool says that it handles personal data.",
    names: [...PERSONAL_NAMES, ...names],
    kinds: PERSONAL_KINDS,
    patterns,
  });
}

export function regulatedDetector(): Detector {
  return detectorOf({
    handles: [HANDLES.regulated],
    says: "The tool says that what it does is regulated.",
    names: REGULATED_NAMES,
    kinds: REGULATED_KINDS,
    patterns: [],
  });
}

const TOO_BIG = "The arguments are too big to be looked through.";

interface Seen {
  count: number;
  length: number;
}

interface Search {
  handles: readonly string[];
  says: string;
  names: readonly string[];
  kinds: readonly Kind[];
  patterns: readonly (LinearPattern | undefined)[];
}

function detectorOf(search: Search): Detector {
  const isName = nameMatcher(search.names);
  return (action) => {
    if (action.handles?.some((name) => search.handles.includes(name)) === true) return search.says;
    if (search.patterns.includes(undefined))
      return "A pattern of the policy cannot be read, so anything may be personal data.";
    return findIn(action.arguments, "", 0, { count: 0, length: 0 });
  };

  function findIn(value: JsonValue, path: string, depth: number, seen: Seen): string | undefined {
    if (++seen.count > MAX_VALUES || depth > MAX_DEPTH) return TOO_BIG;
    if (typeof value === "string" || typeof value === "number") {
      const text = String(value);
      seen.length += text.length;
      return seen.length > MAX_TEXT ? TOO_BIG : findInText(text, path);
    }
    if (typeof value !== "object" || value === null) return undefined;
    for (const [name, member] of Object.entries(value)) {
      const found = Array.isArray(value)
        ? findIn(member, path, depth + 1, seen)
        : findInMember(name, member, path, depth, seen);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  function findInMember(
    name: string,
    value: JsonValue,
    path: string,
    depth: number,
    seen: Seen,
  ): string | undefined {
    seen.length += name.length;
    // A name may be the datum itself, as in {"bob@example.com": 5}: then it is not repeated.
    const ofName = kindOf(name, search.kinds);
    if (ofName !== undefined) return `A name in ${shown(path) || "the arguments"} looks like ${ofName}.`;
    const inner = path === "" ? name : `${path}.${name}`;
    if (isName(name) && !isEmpty(value))
      return `The argument ${shown(inner)} is named like ${search.says.includes("personal") ? "personal" : "regulated"} data.`;
    return findIn(value, inner, depth + 1, seen);
  }

  function findInText(text: string, path: string): string | undefined {
    const kind = kindOf(text, search.kinds);
    const subject = `The argument ${shown(path)}`;
    if (kind !== undefined) return `${subject} looks like it has ${kind}.`;
    if (search.patterns.length === 0) return undefined;
    if (text.length > MAX_MATCHED_LENGTH) return `${subject} is too long to be looked through.`;
    const index = search.patterns.findIndex((pattern) => pattern?.test(text) === true);
    return index < 0 ? undefined : `${subject} matches pattern ${index + 1} for personal data.`;
  }
}

function tryCompile(source: string): LinearPattern | undefined {
  try {
    return compilePattern(source);
  } catch {
    return undefined;
  }
}

/** `customerEmail`, `customer-email` and `CUSTOMER_EMAIL` all have the word `email`. */
function nameMatcher(patterns: readonly string[]): (name: string) => boolean {
  const matchers = patterns.map((pattern) => {
    const words = wordsOf(pattern.replaceAll("*", " * ")).replaceAll(/_?\*_?/g, "*");
    return compilePattern(`(^|_)${words.split("*").map(escaped).join(".*")}(_|$)`);
  });
  const known = new Map<string, boolean>();
  return (name) => {
    const before = known.get(name);
    if (before !== undefined) return before;
    const isMatch = name.length <= 200 && matchers.some((matcher) => matcher.test(wordsOf(name)));
    if (known.size < 10_000) known.set(name, isMatch); // names come with every call; their number is not ours
    return isMatch;
  };
}

function wordsOf(name: string): string {
  return name
    .replaceAll(/([\p{Ll}\p{N}])(\p{Lu})/gu, "$1_$2")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}*]+/gu, "_");
}

function escaped(text: string): string {
  return text.replaceAll(/[^\p{L}\p{N}_]/gu, "\\$&");
}

function isEmpty(value: JsonValue): boolean {
  if (value === null || typeof value === "boolean" || value === "") return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

function shown(path: string): string {
  return path.replaceAll(/[^\p{L}\p{N}_.-]/gu, "?").slice(0, 100);
}

const MAX_GROUPS = 9;
/** The shortest number known here has 9 digits and letters. */
const MIN_TOKEN_LENGTH = 9;
const MAX_TOKEN_LENGTH = 44;

function kindOf(text: string, kinds: readonly Kind[]): Kind | undefined {
  if (kinds.includes("an e-mail address") && hasMailAddress(text)) return "an e-mail address";
  for (const token of tokensOf(text)) {
    if (kinds.includes("an IBAN") && isIban(token)) return "an IBAN";
    if (kinds.includes("a card number") && isCardNumber(token)) return "a card number";
    if (kinds.includes("a phone number") && isPhoneNumber(token)) return "a phone number";
    if (kinds.includes("a national id number") && isNationalId(token)) return "a national id number";
  }
  return undefined;
}

/** Words with a digit, alone and with the short words after them: numbers are often written in groups. */
function* tokensOf(text: string): Generator<string> {
  const words = text
    .split(/[^A-Za-z0-9+()./-]+/)
    .map((word) => word.replace(/^[./-]+/, "").replace(/[./-]{1,8}$/, ""));
  for (const [index, first] of words.entries()) {
    if (first.length > MAX_TOKEN_LENGTH || !/[0-9]/.test(first)) continue;
    let token = first;
    if (token.length >= MIN_TOKEN_LENGTH) yield token;
    for (const next of words.slice(index + 1, index + MAX_GROUPS)) {
      if (token.length + next.length >= MAX_TOKEN_LENGTH || !/[0-9]/.test(next)) break;
      token = `${token} ${next}`;
      if (token.length >= MIN_TOKEN_LENGTH) yield token;
    }
  }
}

/** Looks around each @ only, so that no text makes it slow. */
function hasMailAddress(text: string): boolean {
  for (let at = text.indexOf("@"); at >= 0; at = text.indexOf("@", at + 1)) {
    const isBefore = /[\p{L}\p{N}._%+'-]$/u.test(text.slice(Math.max(0, at - 2), at));
    const domain = text.slice(at + 1, at + 256);
    if (isBefore && /^[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){0,4}\.\p{L}{2,63}/u.test(domain))
      return true;
  }
  return false;
}
