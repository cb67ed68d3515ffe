import { AxeBuilder } from "@axe-core/playwright";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchChromium } from "../../../test/chromium.ts";
import { Person } from "./person.ts";
import { HANGING, ServiceProcess } from "./service-process.ts";

let service: ServiceProcess;
let browser: Browser;
beforeAll(async () => {
  service = await ServiceProcess.start({ config: HANGING }, { HANG: "1" });
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  await service?.remove();
});

test("a service killed under the open page while an action runs: the page says that nobody knows, and asks in words", async () => {
  const ada = await Person.signIn(browser, service.signInUrl);
  const client = service.client();
  const { id } = await client.runs.start("worker", { input: "send_money" });
  await ada.open(service, "/inbox");
  await ada.list.getByRole("link", { name: /Send money/ }).click();
  await ada.button("Approve and send money").click();
  await ada.confirmation.getByRole("button", { name: "Approve and send money" }).click();
  await ada.state.getByText("Approved, executing now").waitFor();
  await service.stop("SIGKILL");
  // What is on the screen is the last that was known, and says so.
  await ada.card.getByText("Not connected: what you see may be old.").waitFor();
  await service.start();
  await ada.state.getByText("Approved; nobody knows whether it was executed").waitFor();
  await ada.page.getByRole("link", { name: 'Was "send_money" executed?' }).click();
  await ada.page.getByRole("group", { name: "What became of it?" }).waitFor();
  expect(await ada.button("Record it").isDisabled()).toBe(true);
  await ada.page.getByLabel("Run it again").check();
  await ada.button("Run again: send money").waitFor();
  await ada.page.getByLabel("It was executed").check();
  await ada.page.getByLabel("What the agent should know, if anything").fill("The bank shows it.");
  const { violations } = await new AxeBuilder({ page: ada.page }).setLegacyMode().analyze();
  expect(violations.map((violation) => violation.id)).toEqual([]);
  await ada.button("Record it as executed").click();
  await ada.state.getByText("Answered").waitFor();
  await expect.poll(async () => (await client.runs.get(id)).status, { timeout: 15_000 }).toBe("completed");
  const run = await client.runs.get(id);
  expect(run.toolCalls).toMatchObject([{ status: "succeeded", attempt: 1, result: "The bank shows it." }]);
  expect(run.holds[0]).toMatchObject({ status: "approved", fulfilment: "executed" });
  expect(ada.complaints).toEqual([]);
});
