// A sign-in at a provider, as the person sees it who is asked, and as an operator sees it who is not.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { AxeBuilder } from "@axe-core/playwright";
import type { Hold } from "@holdpoint/protocol";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { launchChromium } from "../../../test/chromium.ts";
import { Person } from "./person.ts";
import { ServiceProcess } from "./service-process.ts";
import { Visitor } from "./visitor.ts";

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const folder = join(root, ".tmp", "authorization-screens");
const ANNA = "user_7";

let service: ServiceProcess;
let browser: Browser;
let anna: Visitor;
let ada: Person;
beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  const config = join(folder, "holdpoint.config.ts");
  writeFileSync(
    config,
    `import { defineConfig, github } from "holdpoint";
export default defineConfig({ providers: [github({ clientId: "the-app", clientSecret: "not-shown" })] });
`,
  );
  service = await ServiceProcess.start({ config });
  browser = await launchChromium();
  await service.client().endUsers.set(ANNA, { name: "Anna Berg" });
  anna = await Visitor.come(browser, service, ANNA);
  ada = await Person.signIn(browser, service.signInUrl);
});
afterAll(async () => {
  await browser?.close();
  await service?.remove();
  rmSync(folder, { recursive: true, force: true });
});
afterEach(() => expect([...anna.complaints, ...ada.complaints]).toEqual([]));

async function askToConnect(endUserId: string, scopes: string[]): Promise<string> {
  const { id } = (await service.client().holds.create({
    kind: "authorization",
    provider: "github",
    scopes,
    purpose: "To see which of your repositories <b>broke</b> last night.",
    endUserId,
    agentId: "build_agent",
  })) as Hold;
  return id;
}

test("the person sees with whom, what for and what it allows, in words; not now decides nothing", async () => {
  const id = await askToConnect(ANNA, ["repo", "read:org", "made:up"]);
  const card = anna.page.getByRole("article", { name: /GitHub/ });
  await card.getByText("To see which of your repositories <b>broke</b> last night.").waitFor();
  await card.getByText("read and change all your repositories, private ones too").waitFor();
  await card.getByText("see which organisations you belong to").waitFor();
  await card.getByText("made:up").waitFor();
  await anna.look("hosted-authorization");
  const { violations } = await new AxeBuilder({ page: anna.page }).setLegacyMode().analyze();
  expect(violations.map((violation) => violation.id)).toEqual([]);
  await card.getByRole("button", { name: "Not now" }).tap();
  await card.getByText("Put off. Nothing is decided.").waitFor();
  expect((await service.client().holds.get(id)).status).toBe("pending");
  await card.getByRole("button", { name: "Look at it again" }).tap();
});

test("the button leads to the provider, over an address of ours that is used up by it", async () => {
  const asked: string[] = [];
  await anna.context.route("https://github.com/**", (route) => {
    asked.push(route.request().url());
    return route.fulfill({ contentType: "text/html", body: "<h1>GitHub</h1>" });
  });
  const card = anna.page.getByRole("article", { name: /GitHub/ });
  await card.getByRole("button", { name: "Connect GitHub" }).tap();
  await anna.page.getByRole("heading", { name: "GitHub" }).waitFor();
  const url = new URL(asked[0] ?? "");
  expect(url.searchParams.get("client_id")).toBe("the-app");
  expect(url.searchParams.get("code_challenge_method")).toBe("S256");
  // Nothing that says who it is, or for what, travels in the address (requirements.md, OAuth state).
  expect(url.href).not.toMatch(/user_7|Anna|hold_|org_/);
  await anna.page.goto(`${service.url}/questions`);
  await anna.isRead();
});

test("the console shows what was asked of whom; it is answered by nobody there, and an operator can hand over the address", async () => {
  const [hold] = await Array.fromAsync(service.client().holds.list({ kind: "authorization" }));
  await ada.open(service, `/holds/${hold?.id ?? ""}`);
  await ada.card.getByText(/is asked to connect/).waitFor();
  await ada.card.getByText("Anna Berg").first().waitFor();
  await ada.card.getByText("(user_7)").waitFor();
  await ada.card.getByText("read and change all your repositories, private ones too").waitFor();
  expect(await ada.button(/^Connect/).count()).toBe(0);
  await ada.button("Make an address for them").click();
  await ada.button("Copy the address of the sign-in").waitFor();
  // Behind the button only: an address on a screen is one that somebody reads over a shoulder.
  expect(await ada.card.innerText()).not.toContain("/v1/oauth/begin/");
  if (process.env["CONSOLE_SHOTS"] !== undefined)
    await ada.page.screenshot({ path: join(process.env["CONSOLE_SHOTS"], "console-authorization.png") });
  const { violations } = await new AxeBuilder({ page: ada.page }).setLegacyMode().analyze();
  expect(violations.map((violation) => violation.id)).toEqual([]);
});

test("a no is the person's, and the agent is told so", async () => {
  const [hold] = await Array.fromAsync(service.client().holds.list({ kind: "authorization" }));
  const card = anna.page.getByRole("article", { name: /GitHub/ });
  await card.getByRole("button", { name: "Decline…" }).tap();
  await card.getByLabel(/Why not/).fill("That is too much.");
  await card.getByRole("button", { name: "Decline", exact: true }).tap();
  await card.getByText("Declined").waitFor();
  const { status, outcome } = await service.client().holds.get(hold?.id ?? "");
  expect([status, outcome?.comment]).toEqual(["rejected", "That is too much."]);
  await ada.card.getByText(/rejected this/).waitFor();
  await ada.card.getByText(/was asked to connect/).waitFor();
});
