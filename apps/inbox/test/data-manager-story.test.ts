import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchChromium } from "../../../test/chromium.ts";
import { Person, waitingHold } from "./person.ts";
import { ServiceProcess } from "./service-process.ts";

const TASK = "Delete 50 old records from the users table";

describe("the data manager, by clicking", () => {
  let service: ServiceProcess;
  let browser: Browser;
  let ada: Person;
  beforeAll(async () => {
    service = await ServiceProcess.start();
    browser = await launchChromium();
    ada = await Person.signIn(browser, service.signInUrl);
  });
  afterAll(async () => {
    await browser?.close();
    await service?.remove();
  });

  test("a link signs in once", async () => {
    const page = await browser.newPage();
    await page.goto(service.signInUrl);
    await page.getByRole("heading", { name: "This sign-in link was already used" }).waitFor();
    await page.goto(`${service.url}/inbox`);
    await page.getByRole("heading", { name: "You are not signed in" }).waitFor();
    await page.close();
  });

  test("never used: the empty inbox says how to begin", async () => {
    await ada.page.getByRole("heading", { name: "No agent has asked for anything yet" }).waitFor();
    await ada.page.getByText("npx holdpoint run data_manager").waitFor();
  });

  test("ask, see exactly what would happen, approve, executed", async () => {
    await ada.startRun(service, TASK);
    await ada.page
      .getByRole("list", { name: "Waits for" })
      .getByRole("link", { name: /Delete 50 records/ })
      .click();
    await ada.page.waitForURL("**/holds/hold_*");
    await ada.page.getByRole("heading", { name: "Delete 50 records", level: 2 }).waitFor();
    await ada.page.getByRole("heading", { name: "The run so far" }).waitFor();
    expect(await partsOf(ada)).toEqual([
      "The action",
      "Why you are asked",
      "Evidence",
      "The run so far",
      "Deadline",
    ]);
    const card = await ada.card.innerText();
    for (const fact of ["delete_records", "table_name", "users", "count", "50", "Cannot be undone", "High"])
      expect(card).toContain(fact);
    expect(card).toContain("requires_confirmation");
    expect(card).toMatch(/\d (min|s) left\.\s+If nobody decides, it expires: nothing is executed/);

    await ada.button("Approve and delete 50 records").click();
    // High impact: the facts once more, and Enter alone approves nothing.
    await ada.confirmation.getByText("This cannot be undone.").waitFor();
    expect(await ada.confirmation.innerText()).toContain("count");
    await ada.page.keyboard.press("Enter");
    await ada.confirmation.waitFor({ state: "detached" });
    expect(await ada.state.count()).toBe(0);

    await ada.button("Approve and delete 50 records").click();
    await ada.confirmation.getByRole("button", { name: "Approve and delete 50 records" }).click();
    await ada.state.getByText("Executed", { exact: true }).waitFor();
    await ada.card.getByText(/You approved this/).waitFor();
    expect(await ada.card.innerText()).toContain('"deleted": 50');
    await ada.page.getByRole("link", { name: "its run" }).click();
    await ada.page.getByText("50 records were deleted from the users table, 250 are left").waitFor();
    await ada.page.getByText("Completed").waitFor();
  });

  test("change 50 to 10: the difference before the press, and 10 are deleted", async () => {
    await ada.open(service, `/holds/${await waitingHold(service, TASK)}`);
    await ada.button("Edit").click();
    const count = ada.page.getByLabel("count");
    expect(await count.inputValue()).toBe("50");
    expect(await ada.button("Approve with 0 changes").isDisabled()).toBe(true);
    await count.fill("ten");
    await ada.page.getByText("Write a number.").waitFor();
    await count.fill("10");
    await ada.page.getByText("changed", { exact: true }).waitFor();
    const changes = ada.page.getByRole("list", { name: "Changes" });
    expect((await changes.innerText()).replaceAll(/\s+/g, " ")).toMatch(/count.*50.*→.*10/);
    await ada.button("Approve with 1 change").click();
    await ada.confirmation
      .getByRole("button", { name: "Approve with 1 change and delete 10 records" })
      .click();
    await ada.state.getByText("Executed", { exact: true }).waitFor();
    // What stands beside "Executed" is what was executed, not what was proposed.
    await ada.page.getByRole("heading", { name: "Delete 10 records", level: 2 }).waitFor();
    await ada.page.getByRole("heading", { name: "The action, as it was proposed" }).waitFor();
    await ada.card.getByText("As the tool describes it").waitFor();
    await ada.page.getByRole("heading", { name: "Changed before approval" }).waitFor();
    await ada.page.getByRole("link", { name: "its run" }).click();
    await ada.page.getByText("10 records were deleted from the users table, 240 are left").waitFor();
  });

  test("reject with a reason that the agent reads", async () => {
    await ada.open(service, `/holds/${await waitingHold(service, TASK)}`);
    await ada.button("Reject").click();
    await ada.page.getByLabel("Why not? The agent reads this.").fill("The quarter is not closed yet.");
    await ada.button("Reject").click();
    await ada.state.getByText("Rejected", { exact: true }).waitFor();
    await ada.page.getByRole("link", { name: "its run" }).click();
    await ada.page
      .getByText(
        "Nothing was deleted: the reviewer rejected it. The reason given: The quarter is not closed yet.",
      )
      .waitFor();
  });

  test("skip, and not now: off the list of this person, undecided, and back", async () => {
    const id = await waitingHold(service, "Notify user 7: your account will be closed.");
    await ada.open(service, `/holds/${id}`);
    await ada.button("Not now").click();
    await ada.button("Take up again").waitFor();
    expect((await service.client().holds.get(id)).status).toBe("pending");
    await ada.page.getByRole("link", { name: "Not now" }).click();
    await ada.list.getByRole("link", { name: /Send notification/ }).waitFor();
    await ada.page.getByRole("link", { name: "For you", exact: true }).click();
    await ada.page.getByRole("heading", { name: "All done" }).waitFor();
    await ada.page.goBack();
    await ada.list.getByRole("link", { name: /Send notification/ }).click();
    await ada.button("Take up again").click();
    await ada.button("Not now").waitFor();
    await ada.button("Skip").click();
    await ada.button("Skip").click();
    await ada.state.getByText("Skipped", { exact: true }).waitFor();
    const log = await service.client().audit.page({ holdId: id });
    expect(log.data.map(({ eventType, decision }) => [eventType, decision])).toEqual([
      ["skipped", "skipped"],
      ["deferred", "taken_up"],
      ["deferred", "deferred"],
      ["gate_presented", null],
    ]);
  });

  test("the log shows the chain from presented to executed, and exports it", async () => {
    await ada.open(service, "/inbox?tab=decided");
    await ada.list
      .getByRole("link", { name: /Delete 50 records/ })
      .last()
      .click();
    await ada.page.getByRole("link", { name: "its log" }).click();
    const chain = ada.page.getByRole("region", { name: "From presented to executed" });
    await chain.getByText("What was executed is exactly what was presented").waitFor();
    expect((await chain.locator("li").allInnerTexts()).map((text) => text.split("\n")[0])).toEqual([
      "Presented",
      "Approved",
      "Executing",
      "Executed",
    ]);
    const download = ada.page.waitForEvent("download");
    await ada.button("CSV").click();
    expect((await download).suggestedFilename()).toBe("audit.csv");
    await ada.page.getByLabel("About").selectOption("Executions");
    await ada.page.waitForURL(/about=action/);
    await ada.page
      .getByRole("list", { name: "Entries" })
      .getByText("Executed", { exact: true })
      .first()
      .waitFor();
  });

  test("defect 28: of two browsers on one hold, the second is told by name who was faster", async () => {
    const id = await waitingHold(service, TASK);
    const rob = await Person.join(browser, service, { name: "Rob", role: "reviewer" });
    await ada.open(service, `/holds/${id}`);
    await rob.open(service, `/holds/${id}`);
    // Ada's page hears nothing of it before she presses: a real race, not a page that was already told.
    await ada.page.route("**/v1/holds/*", (route) =>
      route.request().method() === "GET" ? route.abort() : route.continue(),
    );
    await ada.button("Approve and delete 50 records").click();
    await rob.button("Reject").click();
    await rob.page.getByLabel("Why not? The agent reads this.").fill("no");
    await rob.button("Reject").click();
    await rob.state.getByText("Rejected", { exact: true }).waitFor();
    await ada.confirmation.getByRole("button", { name: "Approve and delete 50 records" }).click();
    await ada.page
      .getByRole("alert")
      .getByText(/Rob rejected this .*(ago|now)/)
      .waitFor();
    await ada.page.getByText("What you sent did not count.").waitFor();
    await ada.page.unroute("**/v1/holds/*");
    const hold = await service.client().holds.get(id);
    expect([hold.status, hold.outcome?.by.name, hold.decisions.length]).toEqual(["rejected", "Rob", 1]);
    await rob.context.close();
  });

  test("defect 25: after a decision no button is left anywhere, and who may not decide is told why", async () => {
    const id = await waitingHold(service, TASK);
    const vera = await Person.join(browser, service, { name: "Vera", role: "viewer" });
    await vera.open(service, `/holds/${id}`);
    await ada.open(service, `/holds/${id}`);
    const approve = vera.button("Approve and delete 50 records");
    expect(await approve.isDisabled()).toBe(true);
    await vera.card.getByText("Only a reviewer or above may decide this; you are a viewer.").waitFor();
    await vera.page.keyboard.press("a");
    expect(await vera.confirmation.count()).toBe(0);
    await ada.button("Reject").click();
    await ada.button("Reject").click();
    for (const person of [ada, vera]) {
      await person.state.getByText("Rejected", { exact: true }).waitFor();
      expect(await person.page.getByRole("group", { name: "Decide" }).count()).toBe(0);
      await person.page.keyboard.press("a");
      expect(await person.confirmation.count()).toBe(0);
    }
    await vera.context.close();
  });

  test("no page complained", () => expect(ada.complaints).toEqual([]));
});

async function partsOf(person: Person): Promise<string[]> {
  return person.card.getByRole("heading", { level: 3 }).allInnerTexts();
}
