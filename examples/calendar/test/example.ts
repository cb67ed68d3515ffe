import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createHoldpoint, Holdpoint } from "holdpoint";
import { startCalendarService, type CalendarService } from "../service/calendar-service.ts";
import { CLIENT_ID, SETTINGS } from "../settings.ts";
import { startSignInService, type SignInService } from "../sign-in/sign-in-service.ts";

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));

/** The whole example in this process: sign-in service, calendar, and the service with the agent, over real HTTP. */
export interface Example {
  readonly url: string;
  readonly client: Holdpoint;
  readonly signIn: SignInService;
  readonly calendar: CalendarService;
  /** Puts the clock of the service's database forward. */
  stop(): Promise<void>;
}

export async function startExample(options: { accessTokenSeconds?: number } = {}): Promise<Example> {
  const built = spawnSync(process.execPath, [join(root, "scripts", "console.mjs")], { encoding: "utf8" });
  if (built.status !== 0) throw new Error(built.stderr);
  const folder = await mkdtemp(join(tmpdir(), "holdpoint-calendar-"));
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const url = `http://localhost:${port}`;
  const secrets = { app: "the app's own secret", calendar: "the calendar's own secret" };
  const calendarClient = { clientId: "calendar", clientSecret: secrets.calendar };
  const signIn = await startSignInService({
    port: 0,
    app: {
      clientId: CLIENT_ID,
      clientSecret: secrets.app,
      redirectUris: [`${url}/v1/oauth/calendar/callback`],
    },
    calendar: calendarClient,
    ...options,
  });
  const calendar = await startCalendarService({ port: 0, issuer: signIn.issuer, client: calendarClient });
  process.env[SETTINGS.issuer] = signIn.issuer; // before the config is read
  process.env[SETTINGS.address] = calendar.url;
  const { default: config } = await import("../holdpoint.config.ts");
  const holdpoint = await createHoldpoint({
    config,
    publicUrl: url,
    port,
    dataDir: folder,
    environment: { [SETTINGS.clientSecret]: secrets.app },
  });
  const { apiKey } = await holdpoint.start();
  server.on("request", holdpoint.listener);
  return {
    url,
    client: new Holdpoint({ url, apiKey }),
    signIn,
    calendar,
    async stop() {
      server.close();
      server.closeAllConnections();
      await holdpoint.stop();
      await calendar.close();
      await signIn.close();
      await rm(folder, { recursive: true });
    },
  };
}
