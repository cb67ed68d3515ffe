// The whole way in a real browser: ask the agent, get a button, consent at a real provider, and the agent goes on.
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchChromium } from "../../../test/chromium.ts";
import { startExample, type Example } from "./example.ts";
import { Person, QUESTION } from "./person.ts";

type Run = Awaited<ReturnType<Example["client"]["runs"]["get"]>>;
type Hold = Run["holds"][number];

function hasEnded({ status }: Run): boolean {
  return status === "completed" || status === "failed" || status === "cancelled";
}

describe("the calendar example", () => {
  let example: Example;
  let browser: Browser;
  beforeAll(async () => {
    [example, browser] = await Promise.all([startExample(), launchChromium()]);
  });
  afterAll(async () => {
    await browser?.close();
    await example?.stop();
  });

  async function ask(input: string, endUserId: string): Promise<string> {
    return (await example.client.runs.start("calendar_assistant", { input, endUserId })).id;
  }
  async function until(id: string, isSo: (run: Run) => boolean): Promise<Run> {
    for (;;) {
      const run = await example.client.request<Run>("GET", `/v1/runs/${id}/wait?timeoutSeconds=5`);
      if (isSo(run) || hasEnded(run)) return run;
    }
  }
  const end = (id: string) => until(id, hasEnded);
  const open = ({ holds }: Run) => holds.filter(({ status }) => status === "pending");
  const waiting = (id: string) => until(id, (run) => run.status === "holding" && open(run).length > 0);

  /** Somebody whose calendar is connected, for reading. */
  async function connected(id: string): Promise<Person> {
    const person = await Person.come(browser, example, id);
    const run = await ask("What is on my calendar on Monday?", id);
    await waiting(run).then(({ status }) => (status === "holding" ? person.allow() : undefined));
    await end(run);
    await person.page.goto(`${example.url}/questions`);
    return person;
  }

  test("ask, press the button, consent, and the agent answers; afterwards without asking", async () => {
    const anna = await Person.come(browser, example, "anna");
    const id = await ask("What is on my calendar on Monday?", "anna");
    await anna.connect.waitFor();
    await anna.look("button");
    expect(await anna.page.locator("body").innerText()).not.toContain(example.signIn.issuer);
    await anna.goToConsent();
    await anna.look("consent");
    await anna.button("Allow").first().click();
    await anna.page.getByRole("heading", { name: "Connected" }).waitFor();
    await anna.look("connected");
    expect((await end(id)).output).toBe("Monday:\n- 09:00 Team meeting\n- 14:00 Dentist");
    await anna.back();
    expect((await end(await ask("What is on my calendar on Thursday?", "anna"))).holds).toEqual([]);
    await anna.context.close();
  });

  test("booking needs more: wider scopes, whom is meant, and a reviewer's yes", async () => {
    const anna = await connected("anna");
    const id = await ask("Book lunch with Anna on Tuesday at 12:30", "anna");
    const choice = anna.page.getByRole("article", { name: "Whom do you mean?" });
    await choice.getByLabel(/Anna Costa/).click();
    await anna.look("choice");
    await choice.getByRole("button", { name: "Send answer" }).click();
    const held = await until(id, (run) => open(run).some(({ kind }) => kind === "approval"));
    const approval = open(held).find(({ kind }) => kind === "approval") as Hold;
    expect(approval.title).toBe("Book “Lunch with Anna Costa” on tuesday at 12:30");
    await example.client.holds.decide(approval.id, { verdict: "approve", actionHash: approval.action?.hash });
    // Read alone was granted so far.
    await anna.connect.waitFor();
    await anna.look("wider");
    await anna.allow();
    expect((await end(id)).output).toBe("Booked: Lunch with Anna Costa, Tuesday at 12:30.");
    expect(example.calendar.calendar.list("anna", "tuesday").map(({ title }) => title)).toContain(
      "Lunch with Anna Costa",
    );
    await anna.context.close();
  });

  test("parallel calls are one prompt", async () => {
    const ben = await Person.come(browser, example, "ben");
    const id = await ask("What is on my calendar on Monday and Wednesday?", "ben");
    await ben.allow();
    const run = await end(id);
    expect(run.output).toBe("Monday:\n- 11:00 Piano lesson\n\nWednesday:\n- 08:30 Train to Leeds");
    expect([run.toolCalls.length, run.holds.length]).toEqual([2, 1]);
    await ben.context.close();
  });

  test("defect 29: taken back in the middle, the agent asks again and goes on", async () => {
    const ben = await connected("ben");
    const id = await ask("Find time for the dentist on Wednesday", "ben");
    const slot = ben.page.getByRole("article", { name: /When on wednesday/ });
    await slot.waitFor();
    await example.signIn.revoke("ben"); // while the call waits
    await slot.getByLabel("11:00").click();
    await slot.getByRole("button", { name: "Send answer" }).click();
    await ben.connect.waitFor();
    await ben.look("again");
    await ben.allow();
    const held = await until(id, (run) => open(run).some(({ kind }) => kind === "approval"));
    expect(open(held)[0]?.title).toBe("Book “Dentist” on wednesday at 11:00");
    const comment = "Not in working hours.";
    await example.client.holds.decide(open(held)[0]?.id ?? "", { verdict: "reject", comment });
    expect((await end(id)).output).toContain("The reason given: Not in working hours.");
    await ben.context.close();
  });

  test("a refusal at the provider is told to the agent, which says so", async () => {
    const carl = await Person.come(browser, example, "carl");
    const id = await ask("What is on my calendar on Monday?", "carl");
    await carl.goToConsent("ben");
    await carl.button("Do not allow").click();
    await carl.page.getByRole("heading", { name: "Not connected" }).waitFor();
    await carl.look("refused");
    const run = await end(id);
    expect(run.output).toContain("I could not look at your calendar, since you did not let me.");
    expect(run.toolCalls).toHaveLength(1);
    await carl.context.close();
  });

  test("defect 30: a callback replayed, and one brought to another person's browser, connect nobody", async () => {
    const dora = await Person.come(browser, example, "dora");
    const id = await ask("What is on my calendar on Monday?", "dora");
    await dora.goToConsent("ben");
    const callback = await dora.consentWithoutReturning();
    const eve = await Person.come(browser, example, "eve");
    await eve.page.goto(callback);
    await eve.page.getByRole("heading", { name: "This sign-in was begun in another browser" }).waitFor();
    await eve.look("other-browser");
    expect(open(await waiting(id))).toHaveLength(1);
    expect((await example.client.connections.list({ endUserId: "eve" }).next()).done).toBe(true);
    // In its own browser it still counts, once.
    await dora.page.goto(callback);
    await dora.page.getByRole("heading", { name: "Connected" }).waitFor();
    expect((await end(id)).output).toContain("Piano lesson");
    await dora.page.goto(callback);
    await dora.page.getByRole("heading", { name: "This sign-in is already finished" }).waitFor();
    await Promise.all([dora.context.close(), eve.context.close()]);
  });

  test("a ticket begun on another device is refused, and the button still works on theirs", async () => {
    const fay = await Person.come(browser, example, "fay");
    const id = await ask("What is on my calendar on Monday?", "fay");
    await fay.connect.waitFor();
    const [question] = (await waiting(id)).holds;
    const { url } = await fay.page.evaluate(
      async (holdId) =>
        (await (await fetch(`/v1/questions/${holdId}/authorize`, { method: "POST" })).json()) as {
          url: string;
        },
      question?.id,
    );
    const eve = await Person.with(browser, "eve");
    await eve.page.goto(url);
    await eve.page.getByRole("heading", { name: "This link belongs to another device" }).waitFor();
    await fay.goToConsent("anna");
    await fay.button("Allow").first().click();
    await fay.page.getByRole("heading", { name: "Connected" }).waitFor();
    expect((await end(id)).output).toContain("Team meeting");
    await Promise.all([fay.context.close(), eve.context.close()]);
  });

  test("nothing that the example shows has a token in it", async () => {
    const events: unknown[] = [];
    for await (const hold of example.client.holds.list()) events.push(hold);
    expect(JSON.stringify(events)).not.toMatch(/access_token|refresh_token/);
    expect(QUESTION).toBe("Allow access to Demo Calendar");
  });
});
