// The example that takes long, taken in hand: in a real browser and from the command line, on one instance and on two.
// There the browser is at one instance and the command line at the other, and either may be working on the run.
import { Holdpoint } from "@holdpoint/client";
import type { Run } from "@holdpoint/protocol";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, onTestFailed, test } from "vitest";
import { Person } from "../../apps/inbox/test/person.ts";
import { openTestStore, type OpenTestStore } from "../../packages/server/src/testing/stores.ts";
import { launchChromium } from "../chromium.ts";
import {
  endAll,
  repository,
  runCommand,
  served,
  startCommand,
  temporaryFolder,
  type ServiceProcess,
} from "./service-process.ts";

const PROGRAM = join(repository, "packages", "holdpoint", "bin", "holdpoint.mjs");
const PACE_MS = 150;
const TASK = "Remind everybody who is overdue";

let browser: Browser;
beforeAll(async () => {
  const built = spawnSync(process.execPath, [join(repository, "scripts", "console.mjs")], {
    encoding: "utf8",
  });
  if (built.status !== 0) throw new Error(built.stderr);
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  await endAll();
});

describe.each([1, 2])("on %d instance(s)", (instances) => {
  const folder = temporaryFolder();
  let store: OpenTestStore | undefined;
  /** Where the browser is, and where the command line is. */
  let here: ServiceProcess;
  let there: ServiceProcess;
  let ada: Person;
  let client: Holdpoint;
  let steeredId = "";

  async function start(name: string): Promise<ServiceProcess> {
    const command = startCommand({
      HOLDPOINT_CONFIG: join(repository, "examples", "long-job", "holdpoint.config.ts"),
      HOLDPOINT_DATA_DIR: join(folder.path, name),
      HOLDPOINT_SECRET: "the same for all instances, as in any deployment",
      LONG_JOB_PACE_MS: String(PACE_MS),
      ...(store !== undefined && { DATABASE_URL: store.url }),
    });
    return served(command);
  }

  beforeAll(async () => {
    store = instances === 1 ? undefined : await openTestStore("postgres");
    here = await start("here");
    there = instances === 1 ? here : await start("there");
    client = new Holdpoint({ url: here.url, apiKey: here.apiKey });
    const { signInLink } = await client.members.add({
      name: "Ada",
      email: "ada@example.com",
      role: "operator",
    });
    ada = await Person.signIn(browser, signInLink.url);
  });
  afterAll(async () => {
    await ada?.context.close();
    await Promise.all([here?.stop(), there === here ? undefined : there?.stop()]);
    await store?.close();
    folder.remove();
  });

  /** A command at the other instance, as that admin; what it wrote to stdout. */
  async function holdpoint(...args: string[]): Promise<string> {
    const command = runCommand(PROGRAM, args, { HOLDPOINT_URL: there.url, HOLDPOINT_API_KEY: there.apiKey });
    const code = await command.ended;
    if (code !== 0) throw new Error(`holdpoint ${args.join(" ")} ended with ${code}:\n${command.stderr()}`);
    return command.stdout().trim();
  }

  /** A fresh list, a run of it begun on the command line, and its page open in the browser. */
  async function begin(): Promise<string> {
    onTestFailed(async () => console.error(here.stderr(), there.stderr(), ada.page.url()));
    await holdpoint("demo", "reset");
    const id = await holdpoint("run", "reminder_clerk", TASK, "--no-wait");
    await ada.open(here, `/runs/${id}`);
    await ada.page.getByRole("heading", { name: "Reminder Clerk" }).waitFor();
    return id;
  }

  /** What really went out, as the agent's own table has it. */
  async function sent(): Promise<{ sent: number; reminded_twice: number[] }> {
    const run = await client.runs.startAndWait("reminder_clerk", { input: "How many were sent?" });
    return JSON.parse(run.output ?? "") as { sent: number; reminded_twice: number[] };
  }

  async function until(id: string, status: Run["status"]): Promise<Run> {
    await expect
      .poll(async () => (await client.runs.get(id)).status, { timeout: 30_000, interval: 50 })
      .toBe(status);
    return client.runs.get(id);
  }

  function succeeded(run: Run, name = "send_reminder"): number {
    return run.toolCalls.filter((call) => call.name === name && call.status === "succeeded").length;
  }

  /** Of the customer that the agent is told to leave out: invoices 6, 12, 18 and 24. */
  function isLeftOut({ name, arguments: args }: Run["toolCalls"][number]): boolean {
    return name === "send_reminder" && ((args as { invoice_id?: number }).invoice_id ?? 1) % 6 === 0;
  }

  function isGatedFor17({ status, arguments: args }: Run["toolCalls"][number]): boolean {
    return status === "gated" && (args as { invoice_id?: number }).invoice_id === 17;
  }

  const row = (name: string) => ada.page.getByRole("listitem").filter({ hasText: name });

  test("paused and resumed from both sides, told what to leave out, a call taken over, one amended", async () => {
    const id = await begin();
    await row("send_reminder").first().waitFor();
    await ada.button("Pause at the next step").click();
    await ada.page.getByText("Paused", { exact: true }).first().waitFor();
    const paused = await until(id, "paused");
    const before = await sent();
    expect(before.sent).toBe(succeeded(paused));

    await ada.button("Tell the agent…").click();
    await ada.page.getByLabel("What should the agent know?").fill("Leave out Fjord Fish");
    await ada.button("Tell the agent").last().click();
    await ada.page.getByText("not heard yet").waitFor();
    await holdpoint("runs", "tell", id, "And hurry up");
    await ada.page.getByText("And hurry up").waitFor();
    expect((await client.runs.get(id)).status).toBe("paused");
    await holdpoint("runs", "resume", id);

    // Invoice 5 has been overdue for years. The money has come by other ways.
    await ada.page.getByText("Waits for a decision").first().waitFor();
    await ada.button("Give its result by hand…").click();
    await ada.page.getByLabel("The result that the agent is given").fill('{"waived_percent": 0}');
    await ada.page.getByLabel("Why by hand? Kept in the log.").fill("They have paid in cash.");
    await ada.button("Give this result").click();
    await ada.page.getByText("Taken over by Ada: They have paid in cash.").waitFor();

    // Invoice 17 too; half of it is enough.
    await row("waive_invoice").filter({ hasText: "Waits for a decision" }).waitFor();
    await ada.button("Amend…").click();
    await ada.page.getByLabel("percent").fill("50");
    await ada.page.getByLabel("Why? Whoever decides reads this.").fill("Half is enough.");
    await ada.button("Amend and ask again").click();
    await ada.page.getByText("Amended by Ada: Half is enough.").waitFor();
    const amended = await client.runs.get(id);
    const hold = amended.holds.find(({ status }) => status === "pending");
    expect(hold?.action?.arguments).toMatchObject({ invoice_id: 17, percent: 50 });
    await holdpoint("holds", "approve", hold?.id ?? "", "--yes");

    const ended = await until(id, "completed");
    await ada.page.getByText("The list is done.").waitFor();
    expect(
      ended.toolCalls.filter(({ name }) => name === "waive_invoice").map(({ result }) => result),
    ).toEqual([{ waived_percent: 0 }, { waived_percent: 50 }]);
    expect(ended.notes).toMatchObject([
      { text: "Leave out Fjord Fish", heardStep: expect.any(Number) },
      { text: "And hurry up", heardStep: expect.any(Number) },
    ]);
    expect(await ada.page.getByText("not heard yet").count()).toBe(0);
    // Of Fjord Fish only what was proposed before the word; and two were not to be reminded.
    const proposedBefore = paused.toolCalls.filter(isLeftOut).length;
    expect(ended.toolCalls.filter(isLeftOut).length).toBe(proposedBefore);
    expect(succeeded(ended)).toBe(24 - 4 - 2 + proposedBefore);
    expect(await sent()).toEqual({ sent: succeeded(ended), reminded_twice: [] });
    steeredId = id;
    expect(ada.complaints).toEqual([]);
  });

  test("inspected: what the model sees, its steps and its time, why each call went ahead", async () => {
    await ada.open(here, `/runs/${steeredId}`);
    const facts = ada.page.getByRole("complementary", { name: "About this run" });
    await facts.getByText(/^Waiting for people/).waitFor();
    await facts.getByText(/^Paused/).waitFor();
    await row("send_reminder").first().getByText("By itself:").waitFor();
    await ada.page.getByRole("link", { name: "Messages" }).click();
    await ada.page.getByText("Leave out Fjord Fish").waitFor();
    expect(ada.page.url()).toContain("view=messages");
    expect(ada.complaints).toEqual([]);
  });

  test("cancelled from the command line, and run again from a step in the browser, one call withdrawn: nothing is sent twice", async () => {
    const id = await begin();
    await row("send_reminder").nth(1).waitFor();
    await holdpoint("runs", "pause", id, "--reason", "something is odd");
    await until(id, "paused");
    await holdpoint("runs", "cancel", id, "--reason", "by mistake");
    await ada.page.getByText("Ended: an operator cancelled it").waitFor();
    const first = await client.runs.get(id);
    expect((await sent()).sent).toBe(succeeded(first));

    await ada.button("Run again from here…").first().click();
    await ada.page.getByLabel("Why, if you like. Kept in the log.").fill("it was a mistake");
    await ada.button("Run again from step 1").click();
    await ada.page.getByText("Goes on from step 1 of").waitFor();
    const fork = ada.page.url().split("/").at(-1) ?? "";
    await ada.page.getByText("Not executed again").first().waitFor();
    // Invoices 5 and 17: one refused by whoever decides, one withdrawn by an operator.
    const held = await until(fork, "holding");
    const hold = held.holds.find(({ status }) => status === "pending");
    await client.holds.decide(hold?.id ?? "", { verdict: "reject", comment: "We insist." });
    const gated = async () => (await client.runs.get(fork)).toolCalls.find(isGatedFor17);
    await expect.poll(gated, { timeout: 30_000, interval: 50 }).toBeDefined();
    await holdpoint("runs", "withdraw", fork, (await gated())?.id ?? "", "--reason", "We insist.");
    const ended = await until(fork, "completed");
    expect(ended.toolCalls.filter(({ reusedFrom }) => reusedFrom !== null).length).toBe(
      succeeded(first) + succeeded(first, "take_invoices"),
    );
    expect(await sent()).toEqual({ sent: 22, reminded_twice: [] });
    expect(ada.complaints).toEqual([]);
  });

  test("cancelled in the browser while it sends: what was not sent by then is not sent", async () => {
    const pause = (order: "pause" | "resume") =>
      client.request("POST", `/v1/agents/reminder_clerk/${order}`, { body: {} });
    await pause("pause");
    const id = await begin();
    await ada.page.getByRole("link", { name: "with all runs of its agent" }).waitFor();
    // The form stays open, and what is typed in it, while the run goes on.
    await ada.button("Cancel…").click();
    await ada.page.getByLabel("Why? Kept in the log.").fill("enough");
    await pause("resume");
    await row("send_reminder").first().waitFor();
    await ada.button("Cancel the run").click();
    await ada.page.getByText("Ended: an operator cancelled it").waitFor();
    expect(await holdpoint("runs", "show", id)).toMatch(/^cancelled/);
    const run = await client.runs.get(id);
    expect(run).toMatchObject({ status: "cancelled", error: { reason: "enough" } });
    // What was in flight was told to stop before it sent.
    const { sent: count, reminded_twice } = await sent();
    expect(count).toBe(succeeded(run));
    expect(count).toBeLessThan(22);
    expect(reminded_twice).toEqual([]);
    expect(ada.complaints).toEqual([]);
  });
});
