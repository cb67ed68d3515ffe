import { checkOptions, kindOf, required, text, type OptionRule } from "../agents/options.ts";
import { unionOfScopes } from "./scopes.ts";

/** An account of the end user that every call of a tool needs. */
export interface ConnectionNeedOption {
  /** Id of a provider of the config. */
  provider: string;
  scopes: readonly string[];
  /** What for, in a sentence that the end user reads. Default the call in one line. */
  purpose?: string;
}

export interface DefinedNeed {
  readonly provider: string;
  readonly scopes: readonly string[];
  readonly purpose: string | undefined;
}

const scopeList: OptionRule = {
  check: (value) =>
    Array.isArray(value) &&
    value.every((scope) => typeof scope === "string" && /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope))
      ? undefined
      : `must be a list of scopes, not ${kindOf(value)}`,
};
const RULES: Record<keyof ConnectionNeedOption, OptionRule> = {
  provider: required(text(200)),
  scopes: required(scopeList),
  purpose: text(2_000),
};

/** One need a provider, with the scopes of all. Throws `ConfigError`. */
export function defineNeeds(subject: string, needs: readonly ConnectionNeedOption[]): readonly DefinedNeed[] {
  for (const need of needs) checkOptions(`${subject}, connections`, need, RULES);
  const byProvider = new Map<string, DefinedNeed>();
  for (const { provider, scopes, purpose } of needs) {
    const before = byProvider.get(provider);
    byProvider.set(provider, {
      provider,
      scopes: unionOfScopes(before?.scopes ?? [], scopes),
      purpose: before?.purpose ?? purpose,
    });
  }
  return Object.freeze([...byProvider.values()]);
}
