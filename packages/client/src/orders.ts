import type { Ordered } from "@holdpoint/protocol";
import type { CallOptions } from "./holds.ts";
import type { Transport } from "./transport.ts";

export interface OrderOptions extends CallOptions {
  /** Kept in the log with who ordered it, and shown where it stands. */
  reason?: string | undefined;
}

/** Pauses over all runs of an agent or a session, also those that are made later. */
export interface Pauses {
  /** Each run stops at its next interrupt point. Repeated, it is the same order. */
  pause(id: string, options?: OrderOptions): Promise<Ordered>;
  /** What the order paused goes on; what somebody paused alone does not. Throws `conflict` where none stands. */
  resume(id: string, options?: OrderOptions): Promise<Ordered>;
}

/** Kill-switches, for people: each new action of an agent or a tool waits for a person, whatever the policy says. */
export interface Switches {
  hold(id: string, reason: string, options?: CallOptions): Promise<Ordered>;
  /** What is held already stays held. Throws `conflict` where none stands. */
  release(id: string, options?: OrderOptions): Promise<Ordered>;
}

export function order(
  transport: Transport,
  path: string,
  { reason, ...options }: OrderOptions = {},
): Promise<Ordered> {
  return transport.json<Ordered>("POST", path, { ...options, body: { reason } });
}

type Subject = "agents" | "sessions" | "tools";

function pathOf(of: Subject, id: string, action: string): string {
  return `/v1/${of}/${encodeURIComponent(id)}/${action}`;
}

export function pausesOf(transport: Transport, of: Subject): Pauses {
  return {
    pause: (id, options) => order(transport, pathOf(of, id, "pause"), options),
    resume: (id, options) => order(transport, pathOf(of, id, "resume"), options),
  };
}

export function switchesOf(transport: Transport, of: Subject): Switches {
  return {
    hold: (id, reason, options) => order(transport, pathOf(of, id, "hold"), { ...options, reason }),
    release: (id, options) => order(transport, pathOf(of, id, "release"), options),
  };
}
