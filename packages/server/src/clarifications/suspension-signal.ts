/**
 * Why `context.signal` fires when a call waits for an answer. Work that the tool has left running rejects with it, and nobody
 * is there to catch that: the attempt ended at its question.
 */
export class CallSuspended extends Error {
  override name = "CallSuspended";

  constructor() {
    super("The call waits for an answer, and starts again once it has it.");
  }
}

let users = 0;

/**
 * While anybody has asked for it, a rejection by `CallSuspended` that nobody catches ends no process. All other rejections
 * are treated as if this were not here. Returns what ends it.
 */
export function tolerateSuspensions(): () => void {
  if (users++ === 0) process.on("unhandledRejection", passOn);
  let isOver = false;
  return () => {
    if (isOver) return;
    isOver = true;
    if (--users === 0) process.off("unhandledRejection", passOn);
  };
}

function passOn(reason: unknown): void {
  if (isSuspension(reason)) return;
  // Others listen, and decide. Without them Node ends the process, and so does this.
  if (process.listenerCount("unhandledRejection") > 1) return;
  throw reason;
}

const DEEPEST_CAUSE = 5;

function isSuspension(reason: unknown): boolean {
  let cause = reason;
  for (let depth = 0; depth < DEEPEST_CAUSE && cause instanceof Error; depth++) {
    if (cause instanceof CallSuspended) return true;
    cause = cause.cause;
  }
  return false;
}
