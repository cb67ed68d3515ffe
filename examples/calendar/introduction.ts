import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Holdpoint } from "holdpoint";
import { PEOPLE } from "./people.ts";

const LOOK_MS = 200;

/**
 * Waits until the service of this process is there, makes its end users known, and says on stderr how to go on: where Anna
 * opens her questions, and what to ask the agent. An app sends such a link to its user by its own means.
 */
export async function introduce(where: {
  publicUrl: string;
  issuer: string;
  calendarUrl: string;
}): Promise<void> {
  const { url, key } = await startedServer();
  const client = new Holdpoint({ url, apiKey: key });
  for (const { id, name, email } of PEOPLE) await client.endUsers.set(id, { name, email });
  const link = await client.endUsers.createLink("anna");
  process.stderr.write(
    [
      "",
      "The calendar example:",
      `  Sign-in service  ${where.issuer}   (OAuth 2.1 and OpenID Connect; people: ${PEOPLE.map(({ id }) => id).join(", ")})`,
      `  Calendar         ${where.calendarUrl}`,
      `  Anna's questions ${link.url}`,
      `  with the code    ${link.code}`,
      "",
      "Ask the agent for Anna as said above, then answer on her page.",
      "",
    ].join("\n"),
  );
}

/** What `holdpoint start` leaves in its data folder once it serves. */
async function startedServer(): Promise<{ url: string; key: string }> {
  const path = join(resolve(process.env["HOLDPOINT_DATA_DIR"] || ".holdpoint"), "local.json");
  for (;;) {
    const text = await readFile(path, "utf8").catch(() => "{}");
    const server = JSON.parse(text) as { url?: string; key?: string; pid?: number };
    if (server.pid === process.pid && server.url !== undefined && server.key !== undefined)
      return { url: server.url, key: server.key };
    await delay(LOOK_MS, undefined, { ref: false });
  }
}
