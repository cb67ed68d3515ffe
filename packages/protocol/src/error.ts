const MARKER = Symbol.for("holdpoint.error");

export interface HoldpointErrorOptions {
  /** Stable machine-readable word, for example `already_decided`. */
  code: string;
  /** The HTTP status this error is rendered with. Default 500. */
  status?: number;
  /** True when the same request may succeed later without being changed. Default false. */
  retryable?: boolean;
  cause?: unknown;
  /** Facts for the caller, JSON only. */
  details?: Record<string, unknown>;
}

/**
 * The base of every error that Holdpoint raises on purpose.
 *
 * Its message says what happened, to which id, and what to do. Ask with `HoldpointError.isInstance`, never with
 * `instanceof`: two copies of this package may be loaded in one process.
 */
export class HoldpointError extends Error {
  override name = "HoldpointError";
  readonly code: string;
  readonly status: number;
  readonly retryable: boolean;
  readonly details: Record<string, unknown>;

  constructor(message: string, options: HoldpointErrorOptions) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.code = options.code;
    this.status = options.status ?? 500;
    this.retryable = options.retryable ?? false;
    this.details = options.details ?? {};
    Object.defineProperty(this, MARKER, { value: true });
  }

  /** True for any HoldpointError or subclass, also one from another copy of this package. */
  static isInstance(error: unknown): error is HoldpointError {
    return typeof error === "object" && error !== null && MARKER in error;
  }
}
