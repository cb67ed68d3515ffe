// Runs that other runs called, and runs that live elsewhere: whose they are is said wherever somebody decides.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Hold, Run } from "@holdpoint/protocol";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { launchChromium } from "../../../test/chromium.ts";
import { Person } from "./person.ts";
import { ServiceProcess } from "./service-process.ts";

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const folder = join(root, ".tmp", "runs-of-others");
const CONFIG = `import { agentTool, defineAgent, defineConfig, defineTool } from "holdpoint";
import { z } from "zod";

const refund = defineTool({
  name: "refund",
  description: "Pays an order back.",
  input: z.object({ order: z.number().int() }),
  requiresConfirmation: true,
  execute: ({ order }) => "Paid back order " + order + ".",
});
const refunds = defineAgent({
  id: "refunds",
  name: "Refunds",
  model: "openai/gpt-5.2",
  instructions: "Pay it back.",
  tools: [refund],
  script: ({ results }) =>
    results.length > 0
      ? { text: String(results[0].result ?? results[0].problem) }
      : { toolCalls: [{ name: "refund", arguments: { order: 17 } }] },
});
const support = defineAgent({
  id: "support",
  name: "Support",
  model: "openai/gpt-5.2",
  instructions: "Leave money to refunds.",
  tools: [agentTool(refunds, { description: "Pays customers back." })],
  script: ({ results }) =>
    results.length > 0
      ? { text: "Done: " + String(results[0].result ?? results[0].problem) }
      : { toolCalls: [{ name: "refunds", arguments: { input: "Order 17 arrived broken." } }] },
});
export default defineConfig({ agents: [support, refunds] });
`;

let service: ServiceProcess;
let browser: Browser;
let ada: Person;
beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  const config = join(folder, "holdpoint.config.ts");
  writeFileSync(config, CONFIG);
  service = await ServiceProcess.start({ config });
  browser = await launchChromium();
  ada = await Person.signIn(browser, service.signInUrl);
});
afterAll(async () => {
  await browser?.close();
  await service?.remove();
  rmSync(folder, { recursive: true, force: true });
});
afterEach(() => expect(ada.complaints).toEqual([]));

test("a hold of a called agent shows at the caller's run, with the way to it, and is decided from there", async () => {
  const { id } = await service.client().runs.start("support", { input: "My order is broken" });
  await ada.open(service, `/runs/${id}`);
  const waiting = ada.page.getByRole("list", { name: "Waits for" });
  await waiting.getByText("Support → Refunds").waitFor();
  await waiting.getByRole("link").click();
  await ada.card.getByText("Support → Refunds").waitFor();
  await ada.button(/^Approve/).click();
  await ada.confirmation.getByRole("button", { name: /^Approve/ }).click();
  await ada.state.getByText("Approved").waitFor();
  await ada.open(service, `/runs/${id}`);
  await ada.page.getByText("Done: Paid back order 17.").first().waitFor();
  await ada.page.getByRole("link", { name: "Its run" }).click();
  await ada.page.getByText("Support → Refunds, called by").waitFor();
});

test("a run elsewhere that falls silent is shown as lost, in the list, on its page and on its hold", async () => {
  const client = service.client();
  const run = await client.request<Run>("POST", "/v1/runs", {
    body: { external: true, agentId: "elsewhere", input: "Sort the mail", heartbeatSeconds: 1 },
  });
  const { id: holdId } = (await client.holds.create({
    kind: "approval",
    title: "Throw away the rest?",
    runId: run.id,
    action: { name: "throw_away", arguments: { letters: 3 } },
  })) as Hold;
  await ada.open(service, `/runs/${run.id}`);
  await ada.page.getByText("Lives elsewhere").waitFor();
  await ada.page.getByText("Lost: nothing is heard of it").waitFor();
  await ada.open(service, "/runs");
  await ada.page
    .getByRole("link", { name: /Sort the mail/ })
    .getByText("Lost")
    .waitFor();
  await ada.open(service, `/holds/${holdId}`);
  await ada.card.getByText("Nothing is heard of the run that asks").waitFor();
  await client.request("POST", `/v1/runs/${run.id}/heartbeat`, { body: {} });
  await ada.card.getByText("Nothing is heard of the run that asks").waitFor({ state: "detached" });
});
