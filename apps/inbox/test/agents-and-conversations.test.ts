// Orders over more than one run, and the conversations that runs belong to: by whom, why, and what they do.
import { fileURLToPath } from "node:url";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { launchChromium } from "../../../test/chromium.ts";
import { Person } from "./person.ts";
import { ServiceProcess } from "./service-process.ts";

const LONG_JOB = fileURLToPath(new URL("../../../examples/long-job/holdpoint.config.ts", import.meta.url));
const SESSION = "monday / 1";

let service: ServiceProcess;
let browser: Browser;
let ada: Person;
let max: Person;
beforeAll(async () => {
  service = await ServiceProcess.start({ config: LONG_JOB }, { LONG_JOB_PACE_MS: "20" });
  browser = await launchChromium();
  ada = await Person.signIn(browser, service.signInUrl);
  max = await Person.join(browser, service, { name: "Max", role: "manager" });
});
afterAll(async () => {
  await browser?.close();
  await service?.remove();
});
afterEach(() => expect([...ada.complaints, ...max.complaints]).toEqual([]));

const ask = (sessionId?: string) =>
  service.client().runs.startAndWait("reminder_clerk", { input: "How many were sent?", sessionId });

test("a kill-switch needs a reason, holds what would run by itself, and says who threw it to all who look", async () => {
  await max.open(service, "/agents");
  await ada.open(service, "/agents");
  await ada.button("Hold… count_reminders").click();
  expect(await ada.button("Hold this tool").isDisabled()).toBe(true);
  await ada.page.getByLabel("Why? A kill-switch needs a reason.").fill("It counts wrongly.");
  await ada.button("Hold this tool").click();
  // The other page says so by itself, and offers nothing to somebody who may not.
  await max.page.getByText("It counts wrongly.").waitFor();
  expect(await max.button(/^(Hold|Release|Pause|Resume)/).count()).toBe(0);
  const held = await ask();
  expect(held.status).toBe("holding");
  expect(held.holds[0]?.reasons.map(({ rule }) => rule)).toContain("kill_switch");
  await ada.button("Release: count_reminders").click();
  await max.page.getByText("It counts wrongly.").waitFor({ state: "detached" });
  expect((await ask()).status).toBe("completed");
  // What is held stays held.
  expect((await service.client().runs.get(held.id)).status).toBe("holding");
  await service.client().runs.cancel(held.id);
});

test("all runs of an agent are paused, also one that is started meanwhile, and go on after it", async () => {
  await ada.open(service, "/agents");
  await ada.button("Pause its runs… Reminder Clerk").click();
  await ada.page.getByLabel("Why? Kept in the log.").fill("The mail server is down");
  await ada.button("Pause its runs").last().click();
  await ada.page.getByText("The mail server is down").waitFor();
  const { id } = await service.client().runs.start("reminder_clerk", { input: "How many were sent?" });
  await ada.open(service, `/runs/${id}`);
  await ada.page.getByRole("link", { name: "with all runs of its agent" }).click();
  await ada.button("Resume: Reminder Clerk").click();
  await expect.poll(async () => (await service.client().runs.get(id)).status).toBe("completed");
});

test("a conversation is paused, cancelled, and deleted once its name is typed; the log still verifies", async () => {
  await ask(SESSION);
  const { id } = await service.client().runs.start("reminder_clerk", {
    input: "Remind everybody who is overdue",
    sessionId: SESSION,
  });
  await service.client().runs.wait(id);
  await ada.open(service, "/sessions");
  await ada.page.getByRole("link", { name: new RegExp(`^${SESSION}`) }).click();
  await ada.page.getByRole("heading", { name: SESSION }).waitFor();
  const runs = ada.page.getByRole("list", { name: "Runs of this conversation" }).getByRole("listitem");
  await runs.filter({ hasText: "Waits for a person" }).waitFor();
  await ada.button(`Pause… ${SESSION}`).click();
  await ada.button("Pause the conversation").click();
  await runs.filter({ hasText: "Paused" }).waitFor();
  await ada.button("Cancel its runs…").click();
  await ada.button("Cancel its runs").last().click();
  await runs.filter({ hasText: "Cancelled" }).waitFor();

  await ada.button("Delete…").click();
  const remove = ada.confirmation.getByRole("button", { name: "Delete the conversation" });
  expect(await remove.isDisabled()).toBe(true);
  await ada.page.keyboard.type(SESSION);
  await ada.page.keyboard.press("Enter");
  await ada.page.waitForURL("**/sessions");
  await ada.page.getByRole("link", { name: new RegExp(`^${SESSION}`) }).waitFor({ state: "detached" });
  await ada.open(service, `/runs/${id}`);
  await ada.page.getByRole("heading", { name: "There is no such run here" }).waitFor();
  await ada.open(service, "/audit");
  await ada.button(/^Verify/).click();
  await ada.page
    .getByText(/entries? .*verif|verif/i)
    .first()
    .waitFor();
});

test("a run that is over is deleted once the end of its id is typed; whoever looks at it or its hold sees that", async () => {
  const { id } = await service
    .client()
    .runs.start("reminder_clerk", { input: "Remind everybody who is overdue" });
  const held = await service.client().runs.wait(id);
  await service.client().runs.cancel(id);
  await ada.open(service, `/runs/${id}`);
  await max.open(service, `/runs/${id}`);
  const other = await Person.join(browser, service, { name: "Eve", role: "manager" });
  await other.open(service, `/holds/${held.holds[0]?.id}`);
  await other.card.waitFor();
  await max.page.getByText("Start another").waitFor();
  expect(await max.button("Delete…").count()).toBe(0);
  await ada.button("Delete…").click();
  const remove = ada.confirmation.getByRole("button", { name: "Delete the run" });
  expect(await remove.isDisabled()).toBe(true);
  await ada.page.keyboard.type(id.slice(-6));
  await ada.page.keyboard.press("Enter");
  await ada.page.waitForURL("**/runs");
  await ada.page.locator(`a[href$="/runs/${id}"]`).waitFor({ state: "detached" });
  await max.page.getByRole("heading", { name: "There is no such run here" }).waitFor();
  await other.page.getByRole("heading", { name: "There is no such hold here" }).waitFor();
  expect(other.complaints).toEqual([]);
  await ada.open(service, `/audit?run=${id}`);
  await ada.page.getByText("run deleted").waitFor();
  await ada.page.getByText("run cancelled").waitFor();
});
