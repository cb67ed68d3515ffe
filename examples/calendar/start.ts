// Starts the sign-in service and the calendar on loopback, then the service with the agent, all in this process.
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { introduce } from "./introduction.ts";
import { startCalendarService } from "./service/calendar-service.ts";
import { CLIENT_ID, DEFAULT_CALENDAR_PORT, DEFAULT_SIGN_IN_PORT, SETTINGS } from "./settings.ts";
import { startSignInService } from "./sign-in/sign-in-service.ts";

const folder = fileURLToPath(new URL(".", import.meta.url));
const PROGRAM = join(folder, "..", "..", "packages", "holdpoint", "bin", "holdpoint.mjs");

const { env } = process;
const app = { clientId: CLIENT_ID, clientSecret: randomBytes(24).toString("base64url") };
const calendarClient = { clientId: "calendar", clientSecret: randomBytes(24).toString("base64url") };
const publicUrl = env["HOLDPOINT_PUBLIC_URL"] ?? `http://localhost:${env["PORT"] ?? 7777}`;

const signIn = await startSignInService({
  port: Number(env["CALENDAR_SIGN_IN_PORT"] ?? DEFAULT_SIGN_IN_PORT),
  app: { ...app, redirectUris: [new URL("/v1/oauth/calendar/callback", publicUrl).href] },
  calendar: calendarClient,
  accessTokenSeconds: Number(env["CALENDAR_TOKEN_SECONDS"] ?? 300),
});
const calendar = await startCalendarService({
  port: Number(env["CALENDAR_PORT"] ?? DEFAULT_CALENDAR_PORT),
  issuer: signIn.issuer,
  client: calendarClient,
});
Object.assign(env, {
  [SETTINGS.issuer]: signIn.issuer,
  [SETTINGS.address]: calendar.url,
  [SETTINGS.clientSecret]: app.clientSecret,
  HOLDPOINT_CONFIG: join(folder, "holdpoint.config.ts"),
});
void introduce({ publicUrl, issuer: signIn.issuer, calendarUrl: calendar.url });

process.argv = [process.execPath, PROGRAM, "start", ...process.argv.slice(2)];
await import(PROGRAM);
