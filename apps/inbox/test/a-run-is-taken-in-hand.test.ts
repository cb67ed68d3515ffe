import { AxeBuilder } from "@axe-core/playwright";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchChromium } from "../../../test/chromium.ts";
import { Person } from "./person.ts";
import { HANGING, ServiceProcess } from "./service-process.ts";

let service: ServiceProcess;
let browser: Browser;
let ada: Person;
beforeAll(async () => {
  service = await ServiceProcess.start({ config: HANGING }, { HANG: "1" });
  browser = await launchChromium();
  ada = await Person.signIn(browser, service.signInUrl);
});
afterAll(async () => {
  await browser?.close();
  await service?.remove();
});

async function start(input: string): Promise<string> {
  const { id } = await service.client().runs.start("worker", { input });
  await ada.open(service, `/runs/${id}`);
  await ada.page.getByText("Waits for a decision").first().waitFor();
  return id;
}

async function axe(): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page: ada.page }).setLegacyMode().analyze();
  return violations.map(({ id }) => id);
}

test("paused, resumed and cancelled with a reason: the page and the log say so, and its hold is closed", async () => {
  const id = await start("send_money");
  const client = service.client();
  await ada.button("Pause at the next step").click();
  await ada.page.getByText("Paused", { exact: true }).first().waitFor();
  expect((await client.runs.get(id)).status).toBe("paused");
  await ada.button("Resume").click();
  await ada.button("Pause at the next step").waitFor();
  expect((await client.runs.get(id)).status).toBe("holding");
  await ada.button("Cancel…").click();
  expect(await axe()).toEqual([]);
  await ada.page.getByLabel("Why? Kept in the log.").fill("wrong account");
  await ada.button("Cancel the run").click();
  await ada.page.getByText("Ended: an operator cancelled it").waitFor();
  await ada.page.getByText("Not completed:").waitFor();
  const run = await client.runs.get(id);
  expect(run).toMatchObject({
    status: "cancelled",
    error: { code: "AgentCancelled", reason: "wrong account" },
  });
  expect(run.holds[0]?.status).toBe("cancelled");
  expect(await ada.page.getByRole("group", { name: "Take the run in hand" }).count()).toBe(0);
});

test("killed over a tool that hangs: a reason is needed, and what is in flight is unknown", async () => {
  const id = await start("send_money");
  const client = service.client();
  const [hold] = (await client.runs.get(id)).holds;
  await client.holds.decide(hold?.id ?? "", { verdict: "approve", actionHash: hold?.action?.hash });
  await expect.poll(async () => (await client.runs.get(id)).toolCalls[0]?.status).toBe("executing");
  await ada.button("Kill…").click();
  expect(await ada.button("Kill the run").isDisabled()).toBe(true);
  await ada.page.getByLabel("Why? The last resort needs a reason.").fill("it hangs");
  await ada.button("Kill the run").click();
  await ada.page.getByText("In flight when it ended: nobody knows:").waitFor();
  expect(await axe()).toEqual([]);
  expect(await client.runs.get(id)).toMatchObject({
    status: "cancelled",
    endReason: "killed",
    toolCalls: [{ status: "unknown" }],
  });
  expect(ada.complaints).toEqual([]);
});
