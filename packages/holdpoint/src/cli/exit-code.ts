import { HoldpointError, type Hold, type HoldStatus } from "@holdpoint/protocol";

/** What the shell is told. Scripts rely on the numbers: they are part of the contract and never change. */
export const EXIT = {
  ok: 0,
  other: 1,
  usage: 2,
  notFound: 3,
  conflict: 4,
  rejected: 5,
  expired: 6,
  /** Ctrl-C, as shells count it. */
  interrupted: 130,
} as const;

/** A command that ends early, with its exit code. Its message is for the person at the terminal. */
export class CommandError extends HoldpointError {
  override name = "CommandError";
  readonly exitCode: number;

  constructor(message: string, exitCode: number = EXIT.other, options: { cause?: unknown } = {}) {
    super(message, { code: "command_failed", ...options });
    this.exitCode = exitCode;
  }
}

/** The caller asked for something that cannot be. */
export class UsageError extends CommandError {
  override name = "UsageError";

  constructor(message: string) {
    super(message, EXIT.usage);
  }
}

export function exitCodeOf(error: unknown): number {
  if (error instanceof CommandError) return error.exitCode;
  if (!HoldpointError.isInstance(error)) return EXIT.other;
  switch (error.status) {
    case 404:
      return EXIT.notFound;
    case 409:
      return EXIT.conflict;
    case 410:
      return EXIT.expired;
    case 422:
      return EXIT.usage;
    default:
      return EXIT.other;
  }
}

/** How a hold's outcome counts for the shell: only a "yes" is 0, so that `holds wait … && deploy` is safe. */
export function exitCodeOfHold(hold: Pick<Hold, "status">): number {
  const codes: Record<HoldStatus, number> = {
    pending: EXIT.other,
    approved: EXIT.ok,
    modified: EXIT.ok,
    answered: EXIT.ok,
    rejected: EXIT.rejected,
    skipped: EXIT.rejected,
    expired: EXIT.expired,
    cancelled: EXIT.conflict,
  };
  return codes[hold.status];
}
