import { Holdpoint, HoldpointApiError } from "@holdpoint/client";

/** The one door to the service: the session of whoever is signed in here. */
export const holdpoint = new Holdpoint({ url: window.location.origin });

/** Nobody is signed in, or not any more. */
export function isSignedOut(error: unknown): boolean {
  return error instanceof HoldpointApiError && error.status === 401;
}
