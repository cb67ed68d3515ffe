import type { Holdpoint } from "@holdpoint/client";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchChromium } from "../../../test/chromium.ts";
import { joinAsMember, Person } from "./person.ts";
import { POLICY, putPolicy } from "./policy-scenes.ts";
import { ServiceProcess } from "./service-process.ts";

describe("a decision that the policy gives to several people", () => {
  let service: ServiceProcess;
  let browser: Browser;
  let ada: Person;
  let fay: Holdpoint;
  let admin: Holdpoint;
  beforeAll(async () => {
    service = await ServiceProcess.start();
    browser = await launchChromium();
    admin = service.client();
    ada = await Person.join(browser, service, { name: "Ada", role: "manager" });
    fay = await joinAsMember(service, { name: "Fay", role: "manager", email: "fay@example.com" });
    await joinAsMember(service, { name: "Finn", role: "manager", email: "finn@example.com" });
    await joinAsMember(service, { name: "Rob", role: "manager", email: "rob@example.com" });
    await joinAsMember(service, { name: "Ida", role: "manager", email: "ada@example.com" });
    await putPolicy(admin, POLICY);
  });
  afterAll(async () => {
    await browser?.close();
    await service?.remove();
  });

  async function refund(eur: number): Promise<string> {
    const hold = (await admin.holds.create({
      action: { name: "refund_order", arguments: { order: 17, eur }, value: eur },
    })) as { id: string };
    return hold.id;
  }

  const votes = () => ada.page.getByRole("list", { name: "Votes" });

  test("the card says why by the rule's name, who decides, how many, how surely, until when and who is asked next", async () => {
    await ada.open(service, `/holds/${await refund(2_400)}`);
    await ada.card.getByText("0 of 2 approvals").waitFor();
    // Comes once it is known who is looking.
    await ada.card.getByText("This counts only within 5 minutes of signing in.").waitFor();
    const card = await ada.card.innerText();
    for (const words of [
      "Refunds above 1,000 need two people of finance",
      "Escalated",
      "2 must approve the same",
      "by somebody who signed in within the last 5 minutes",
      "This counts only within 5 minutes of signing in.",
    ])
      expect(card).toContain(words);
    expect(card).toMatch(/An answer is wanted within 1[45] min/);
    expect(card).toMatch(/In (30 min|29 min \d+ s) one of finance is asked, too\./);
    await ada.card.getByRole("link", { name: "large_refunds" }).click();
    await ada.page
      .getByRole("listitem")
      .filter({ hasText: "large_refunds" })
      .and(ada.page.locator("[aria-current]"))
      .waitFor();
  });

  test("a press that is not enough does not promise what it does not do; the one that is enough says so", async () => {
    const id = await refund(2_500);
    await ada.open(service, `/holds/${id}`);
    await ada.button("Approve as 1 of 2: refund order, EUR 2500").click();
    await ada.confirmation.getByRole("button", { name: "Approve as 1 of 2: refund order, EUR 2500" }).click();
    await ada.card.getByText("1 of 2 approvals").waitFor();
    await votes()
      .getByText(/^You approved this/)
      .waitFor();
    await ada.card.getByText(/^You have voted; others still have to/).waitFor();
    // Her own vote is no change that she has to look at again.
    expect(await ada.page.getByText("This changed while it was open.").count()).toBe(0);
    expect(await ada.state.count()).toBe(0);
    expect((await admin.holds.get(id)).status).toBe("pending");
    await fay.holds.decide(id, {
      verdict: "approve",
      actionHash: (await fay.holds.get(id)).action?.hash ?? "",
    });
    await ada.state.getByText("Approved, not executed yet").waitFor();
  });

  test("the second of two is told by name who was first, and presses what it is", async () => {
    const id = await refund(2_600);
    await fay.holds.decide(id, {
      verdict: "approve",
      actionHash: (await fay.holds.get(id)).action?.hash ?? "",
    });
    await ada.open(service, `/holds/${id}`);
    await votes()
      .getByText(/^Fay approved this/)
      .waitFor();
    await ada.button("Approve and refund order, EUR 2600").click();
    await ada.confirmation.getByRole("button", { name: "Approve and refund order, EUR 2600" }).click();
    await ada.state.getByText("Approved, not executed yet").waitFor();
  });

  test("agreeing with another's change approves exactly their bytes", async () => {
    const id = await refund(2_700);
    await fay.holds.decide(id, {
      verdict: "modify",
      actionHash: (await fay.holds.get(id)).action?.hash ?? "",
      modifications: { eur: 1_900 },
      comment: "The shipping was paid back.",
    });
    await ada.open(service, `/holds/${id}`);
    await ada.card.getByText("0 of 2 approvals").waitFor();
    expect((await votes().innerText()).replaceAll(/\s+/g, " ")).toMatch(
      /Fay would approve this with changes .*“The shipping was paid back\.”.*eur.*2700.*→.*1900/,
    );
    await ada.button("Agree with this change").click();
    await ada.confirmation
      .getByRole("button", { name: "Approve with 1 change and refund order, EUR 1900" })
      .click();
    await ada.state.getByText("Approved with changes, not executed yet").waitFor();
    expect((await admin.holds.get(id)).outcome?.arguments).toEqual({ order: 17, eur: 1_900 });
  });

  test("a vote of somebody else while it is open is a change that is told, and disarms", async () => {
    const id = await refund(2_800);
    await ada.open(service, `/holds/${id}`);
    await expect.poll(() => ada.button(/^Approve as 1 of 2/).isEnabled(), { timeout: 15_000 }).toBe(true);
    await fay.holds.decide(id, {
      verdict: "approve",
      actionHash: (await fay.holds.get(id)).action?.hash ?? "",
    });
    await ada.page.getByText("This changed while it was open.").waitFor();
    expect(await ada.button(/^Approve and refund/).isDisabled()).toBe(true);
    await ada.button("I have looked at it again").click();
    await ada.button("Reject").click();
    await ada.button("Reject").click();
    await ada.state.getByText("Rejected", { exact: true }).waitFor();
  });

  test("a sign-in that is too old decides nothing, and the page says how to mend it", async () => {
    const id = await refund(2_900);
    await ada.open(service, `/holds/${id}`);
    await ada.page.route("**/decisions", (route) =>
      route.fulfill({
        status: 403,
        contentType: "application/problem+json",
        body: JSON.stringify({ status: 403, code: "not_strong_enough", detail: "Sign in again." }),
      }),
    );
    await ada.button(/^Approve as 1 of 2/).click();
    await ada.confirmation.getByRole("button", { name: /^Approve as 1 of 2/ }).click();
    await ada.page.getByRole("alert").getByText("Sign in again to decide this.").waitFor();
    expect(await votes().count()).toBe(0);
    await ada.page.unroute("**/decisions");
  });

  test("no page complained", () => expect(ada.complaints).toEqual([]));
});
