/** Where the example's own servers are, and by what they know each other. `start.ts` sets what is not set. */
export const SETTINGS = {
  issuer: "CALENDAR_ISSUER",
  address: "CALENDAR_ADDRESS",
  clientSecret: "CALENDAR_CLIENT_SECRET",
} as const;

export const CLIENT_ID = "holdpoint";

export const DEFAULT_SIGN_IN_PORT = 7781;
export const DEFAULT_CALENDAR_PORT = 7782;

/** The issuer of the sign-in service. */
export function issuerAddress(): string {
  return process.env[SETTINGS.issuer] ?? `http://localhost:${DEFAULT_SIGN_IN_PORT}`;
}

export function calendarAddress(): string {
  return process.env[SETTINGS.address] ?? `http://localhost:${DEFAULT_CALENDAR_PORT}`;
}
