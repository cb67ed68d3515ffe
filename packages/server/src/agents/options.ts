import { HoldpointError, nearestName } from "@holdpoint/protocol";

/** Something in a config file is wrong. The message says what, where (`tools[0].input`), and what to write instead. */
export class ConfigError extends HoldpointError {
  override name = "ConfigError";

  constructor(message: string, cause?: unknown) {
    super(message, { code: "invalid_config", status: 500, cause });
  }
}

/** What a member of the options must be; `check` returns what is wrong, or undefined. */
export interface OptionRule {
  required?: boolean;
  check(value: unknown): string | undefined;
}

/**
 * Refuses options that do not exist (with the nearest that does), that are missing, or of the wrong kind.
 * `subject` opens every message, for example `tool "delete_records"`.
 */
export function checkOptions(subject: string, options: unknown, rules: Record<string, OptionRule>): void {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new ConfigError(`${subject}: expected an object of options, got ${kindOf(options)}.`);
  }
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(rules, name)) continue;
    const nearest = nearestName(name, Object.keys(rules));
    const hint =
      nearest === undefined ? `It takes ${Object.keys(rules).join(", ")}.` : `Did you mean "${nearest}"?`;
    throw new ConfigError(`${subject}: unknown option "${name}". ${hint}`);
  }
  for (const [name, rule] of Object.entries(rules)) {
    const value: unknown = (options as Record<string, unknown>)[name];
    if (value === undefined) {
      if (rule.required === true) throw new ConfigError(`${subject}: option "${name}" is missing.`);
      continue;
    }
    const wrong = rule.check(value);
    if (wrong !== undefined) throw new ConfigError(`${subject}: option "${name}" ${wrong}.`);
  }
}

export function text(maxLength: number, pattern?: RegExp, shape?: string): OptionRule {
  return {
    check(value) {
      if (typeof value !== "string" || value === "") return `must be text, not ${kindOf(value)}`;
      if (value.length > maxLength) return `must have at most ${maxLength} characters`;
      if (pattern !== undefined && !pattern.test(value))
        return `must be ${shape ?? `like ${pattern.source}`}, not "${value}"`;
      return undefined;
    },
  };
}

export function oneOf(values: readonly string[]): OptionRule {
  return {
    check(value) {
      if (typeof value === "string" && values.includes(value)) return undefined;
      const nearest = typeof value === "string" ? nearestName(value, values) : undefined;
      return `must be one of ${values.join(", ")}, not ${kindOf(value)}${nearest === undefined ? "" : `; did you mean "${nearest}"?`}`;
    },
  };
}

export function integer(min: number, max: number): OptionRule {
  return {
    check: (value) =>
      Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max
        ? undefined
        : `must be a whole number from ${min} to ${max}, not ${kindOf(value)}`,
  };
}

export function number(min: number, max: number): OptionRule {
  return {
    check: (value) =>
      typeof value === "number" && value >= min && value <= max
        ? undefined
        : `must be a number from ${min} to ${max}, not ${kindOf(value)}`,
  };
}

export const flag: OptionRule = {
  check: (value) => (typeof value === "boolean" ? undefined : `must be true or false, not ${kindOf(value)}`),
};

export const callable: OptionRule = {
  check: (value) => (typeof value === "function" ? undefined : `must be a function, not ${kindOf(value)}`),
};

export function required(rule: OptionRule): OptionRule {
  return { ...rule, required: true };
}

/** The value as a message shows it: short, and with its kind. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined || typeof value === "boolean" || typeof value === "number")
    return String(value);
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (typeof value === "object") return Array.isArray(value) ? "a list" : "an object";
  return `a ${typeof value}`;
}
