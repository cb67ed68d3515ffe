// What an answer of a story has to look like: JSON with blanks. http-story.ts says how a story is written.

/** What a story knows by name: given by its test, or captured from an answer. */
export type Variables = Record<string, unknown>;

const BLANK = /\{\{([^{}]+)\}\}/g;
const WHOLE_BLANK = /^\{\{([^{}]+)\}\}$/;
/** As the name of a member: others may stand beside those written. As an element: any number of elements. */
const MORE = "{{...}}";

/** Every place where the value does not fit; empty where it fits. What was captured is then in `variables`. */
export function misfits(pattern: unknown, value: unknown, variables: Variables, at = "$"): string[] {
  if (typeof pattern === "string") return misfitsOfText(pattern, value, variables, at);
  if (Array.isArray(pattern)) return misfitsOfList(pattern, value, variables, at);
  if (isObject(pattern)) return misfitsOfObject(pattern, value, variables, at);
  return Object.is(pattern, value) ? [] : [expected(pattern, value, at)];
}

/** Text in which each `{{name}}` is replaced by what the story knows under it. */
export function fillIn(text: string, variables: Variables): string {
  return text.replaceAll(BLANK, (_, name: string) => {
    const known = lookUp(name, variables);
    return typeof known === "string" ? known : JSON.stringify(known);
  });
}

function misfitsOfText(pattern: string, value: unknown, variables: Variables, at: string): string[] {
  const blank = WHOLE_BLANK.exec(pattern)?.[1];
  if (blank === "any") return value === undefined ? [`${at} is missing`] : [];
  if (blank?.startsWith("capture:") === true) {
    if (value === undefined) return [`${at} is missing`];
    variables[blank.slice("capture:".length)] = value;
    return [];
  }
  if (blank !== undefined) {
    const known = lookUp(blank, variables);
    return JSON.stringify(known) === JSON.stringify(value) ? [] : [expected(known, value, at)];
  }
  if (typeof value !== "string") return [expected(pattern, value, at)];
  const names: string[] = [];
  const source = pattern
    .split(/(\{\{[^{}]+\}\})/)
    .map((part) => {
      const name = WHOLE_BLANK.exec(part)?.[1];
      if (name === undefined) return literally(part);
      if (name === "any") return "[\\s\\S]*";
      if (!name.startsWith("capture:")) return literally(fillIn(part, variables));
      names.push(name.slice("capture:".length));
      return "([\\s\\S]+?)";
    })
    .join("");
  const found = new RegExp(`^${source}$`).exec(value);
  if (found === null) return [expected(pattern, value, at)];
  for (const [index, name] of names.entries()) variables[name] = found[index + 1];
  return [];
}

function misfitsOfList(pattern: unknown[], value: unknown, variables: Variables, at: string): string[] {
  if (!Array.isArray(value)) return [expected(pattern, value, at)];
  const gap = pattern.indexOf(MORE);
  if (gap === -1 && pattern.length !== value.length) return [expected(pattern, value, at)];
  const before = gap === -1 ? pattern : pattern.slice(0, gap);
  const after = gap === -1 ? [] : pattern.slice(gap + 1);
  if (value.length < before.length + after.length) return [expected(pattern, value, at)];
  const start = value.length - after.length;
  return [
    ...before.flatMap((item, index) => misfits(item, value[index], variables, `${at}[${index}]`)),
    ...after.flatMap((item, index) =>
      misfits(item, value[start + index], variables, `${at}[${start + index}]`),
    ),
  ];
}

function misfitsOfObject(
  pattern: Record<string, unknown>,
  value: unknown,
  variables: Variables,
  at: string,
): string[] {
  if (!isObject(value)) return [expected(pattern, value, at)];
  const wrong = Object.entries(pattern)
    .filter(([name]) => name !== MORE)
    .flatMap(([name, item]) => misfits(item, value[name], variables, `${at}.${name}`));
  if (MORE in pattern) return wrong;
  const extra = Object.keys(value).filter((name) => !(name in pattern));
  return [
    ...wrong,
    ...extra.map((name) => `${at}.${name} is not in the story: ${JSON.stringify(value[name])}`),
  ];
}

/** `name`, or a path into it: `start.response.body.$.tools[0].id`. */
function lookUp(name: string, variables: Variables): unknown {
  if (name in variables) return variables[name];
  const path = name.split(/[.[\]]+/).filter((part) => part !== "");
  const found = path.reduce<unknown>(
    (value, part) => (value as Record<string, unknown> | undefined)?.[part],
    variables,
  );
  if (found === undefined) throw new Error(`The story knows nothing under {{${name}}}.`);
  return found;
}

function expected(pattern: unknown, value: unknown, at: string): string {
  return `${at} is ${JSON.stringify(value) ?? "missing"}, not ${JSON.stringify(pattern)}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** As a regular expression that matches nothing else. */
function literally(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
}
