/** Ends a `switch` over a union: a member that is not covered becomes a type error. */
export function assertNever(value: never): never {
  throw new TypeError(`Not covered: ${JSON.stringify(value)}.`);
}
