/**
 * What becomes of a new run in a session where a run of the same agent is not over. `queue`: it waits for that one's end,
 * however it ends. `supersede`: that one is cancelled. `reject`: it is refused.
 */
export const ON_NEW_MESSAGE = ["queue", "supersede", "reject"] as const;
export type OnNewMessage = (typeof ON_NEW_MESSAGE)[number];
