/** How a provider writes its scopes, where it is otherwise than plain names that mean just themselves. */
export interface ScopeRules {
  /** Its one name for what has several. Default: as it stands. */
  canonical?: (scope: string) => string;
  /** A granted scope is enough for these too. */
  implied?: Readonly<Record<string, readonly string[]>>;
  /** Granted without being told back. */
  silent?: readonly string[];
}

/** Whether what was granted is enough for what is wanted. */
export function coversScopes(
  rules: ScopeRules,
  granted: readonly string[],
  wanted: readonly string[],
): boolean {
  const canonical = rules.canonical ?? ((scope: string) => scope);
  const has = new Set(granted.map(canonical));
  // Of what is implied, some imply further ones.
  for (const scope of has) for (const implied of rules.implied?.[scope] ?? []) has.add(implied);
  return wanted.every((scope) => has.has(canonical(scope)) || rules.silent?.includes(scope) === true);
}

/** Both, each scope once, in the order they were asked for. */
export function unionOfScopes(...lists: readonly (readonly string[])[]): string[] {
  return [...new Set(lists.flat())];
}

/** RFC 6749 3.3 separates by spaces; some providers by commas. */
export function readScopes(text: string): string[] {
  return unionOfScopes(text.split(/[\s,]+/).filter((scope) => scope !== ""));
}
