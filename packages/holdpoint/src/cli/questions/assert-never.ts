/** For the end of a switch over the kinds of question: the compiler knows all of ours, a newer server may know more. */
export function assertNever(question: never): never {
  throw new TypeError(`unknown kind of question: ${JSON.stringify(question)}`);
}
