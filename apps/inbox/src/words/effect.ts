import type { JsonObject } from "@holdpoint/protocol";
import { visible } from "@holdpoint/react/words";
import { isVerb } from "./verbs.ts";

const MAX_LENGTH = 60;
const COUNTS = /^(count|quantity|number|amount|how_?many|limit|n)$/i;
const MONEY = /^(eur|usd|gbp|chf|jpy|cad|aud)$/i;

/**
 * What an action would do, for a button and a heading: `delete_records {count: 50}` gives `delete 50 records`,
 * `refund {eur: 240}` gives `refund EUR 240`. From nothing but the stored name and arguments (I13).
 */
export function effectOf(action: { name: string; arguments: JsonObject }): string {
  const words = wordsOf(action.name);
  const [verb = action.name, ...rest] = words;
  const object = rest.join(" ");
  const effect = object === "" ? verb : `${verb} ${object}`;
  // An amount of a currency is no number of things: "send 3 payment" would be another action.
  const money = findMoney(action.arguments);
  if (money !== undefined) return cut(object === "" ? `${verb} ${money}` : `${effect}, ${money}`);
  const found = findCount(action.arguments);
  if (found === undefined || object === "") return cut(effect);
  const { name, count } = found;
  const one = object.replace(/([^s])s$/, "$1");
  if (!isVerb(verb)) return cut(`${effect}, ${wordsOf(name).join(" ")} ${count}`);
  if (count === "1") return cut(`${verb} 1 ${one}`);
  // Of a word that names one thing the plural is not guessed.
  return cut(
    one === object ? `${effect}, ${wordsOf(name).join(" ")} ${count}` : `${verb} ${count} ${object}`,
  );
}

/**
 * For a button: what pressing it says, and what then happens. `Approve and delete 50 records`; where the action's name does not
 * begin with what is done, or one press does not yet do it, `Approve: amorce transaction, EUR 120`.
 */
export function pressOf(
  press: string,
  action: { name: string; arguments: JsonObject },
  { isEnough = true }: { isEnough?: boolean } = {},
): string {
  const joint = isEnough && isVerb(wordsOf(action.name)[0] ?? "") ? " and" : ":";
  return `${press}${joint} ${effectOf(action)}`;
}

/** The same as the beginning of a sentence. */
export function headlineOf(action: { name: string; arguments: JsonObject }): string {
  const effect = effectOf(action);
  return effect.charAt(0).toUpperCase() + effect.slice(1);
}

/** True where a title only repeats the action's name and arguments, as the service makes it when none is given. */
export function isDefaultTitle(title: string, action: { name: string; arguments: JsonObject }): boolean {
  const words = wordsOf(action.name).join(" ");
  const start = words.charAt(0).toUpperCase() + words.slice(1);
  const names = Object.keys(action.arguments);
  if (names.length === 0) return title === start;
  return title.startsWith(`${start}: ${names[0] ?? ""} `);
}

function wordsOf(name: string): string[] {
  const words = visible(name)
    .replace(/([\p{Ll}\p{N}])(\p{Lu})/gu, "$1 $2")
    .replace(/[_\-./:\s]+/gu, " ")
    .trim()
    .toLowerCase();
  return (words === "" ? visible(name) : words).split(" ");
}

/** A whole number under the one name that says how many. */
function findCount(values: JsonObject): { name: string; count: string } | undefined {
  const found = Object.entries(values).filter(
    ([name, value]) => COUNTS.test(name) && typeof value === "number" && Number.isSafeInteger(value),
  );
  const [only, ...more] = found;
  return only === undefined || more.length > 0
    ? undefined
    : { name: only[0], count: JSON.stringify(only[1]) };
}

function findMoney(values: JsonObject): string | undefined {
  const found = Object.entries(values).filter(
    ([name, value]) => MONEY.test(name) && typeof value === "number",
  );
  if (found.length === 1) return `${(found[0]?.[0] ?? "").toUpperCase()} ${JSON.stringify(found[0]?.[1])}`;
  const { amount, currency } = values;
  return typeof amount === "number" && typeof currency === "string" && /^[A-Za-z]{3}$/.test(currency)
    ? `${currency.toUpperCase()} ${amount}`
    : undefined;
}

function cut(text: string): string {
  const characters = Array.from(text);
  return characters.length <= MAX_LENGTH ? text : `${characters.slice(0, MAX_LENGTH - 1).join("")}…`;
}
