import type { Holdpoint } from "@holdpoint/client";
import type { PolicyInput } from "@holdpoint/protocol";
import type { Browser, Locator } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchChromium } from "../../../test/chromium.ts";
import { Person } from "./person.ts";
import { putPolicy } from "./policy-scenes.ts";
import { NO_POLICY, ServiceProcess } from "./service-process.ts";

const RULES: PolicyInput = {
  rules: [
    {
      id: "deletes",
      description: "Deletes are looked at.",
      tools: ["delete_records"],
      when: "arguments.count > 10",
    },
  ],
};

describe("the policy in the console", () => {
  let service: ServiceProcess;
  let browser: Browser;
  let admin: Holdpoint;
  let ada: Person;
  beforeAll(async () => {
    service = await ServiceProcess.start({ config: NO_POLICY });
    browser = await launchChromium();
    admin = service.client();
    ada = await Person.signIn(browser, service.signInUrl);
  });
  afterAll(async () => {
    await browser?.close();
    await service?.remove();
  });

  const editor = (): Locator => ada.page.getByLabel("The policy, as JSON");
  const findings = (): Locator => ada.page.getByRole("list", { name: "Findings" });
  const put = (): Locator => ada.page.getByRole("button", { name: /^Put in force/ });
  const write = (document: PolicyInput) => editor().fill(JSON.stringify(document, null, 2));
  async function version(): Promise<number> {
    return (await admin.request<{ version: number }>("GET", "/v1/policies")).version;
  }

  test("never written: says what decides then", async () => {
    await ada.open(service, "/policy");
    await ada.page.getByText("none is written yet").waitFor();
    await ada.page.getByText(/There are no rules/).waitFor();
  });

  test("what is written is checked while it is written, and each finding leads to its line", async () => {
    await ada.open(service, "/policy?tab=edit");
    await editor().fill('{ "rules": [');
    await ada.page.getByText(/This is not JSON yet/).waitFor();
    expect(await put().isDisabled()).toBe(true);
    await write({ rules: [{ id: "deletes", tools: ["delet_records"], when: "valu > 3.0" }] });
    await findings().getByText('There is no tool "delet_records".').waitFor();
    await findings()
      .getByRole("listitem")
      .filter({ hasText: "rules[0].when" })
      .getByRole("button", { name: /^line/ })
      .click();
    const selected = await editor().evaluate((field: HTMLTextAreaElement) =>
      field.value.slice(field.selectionStart, field.selectionEnd),
    );
    expect(selected.trim()).toBe('"when": "valu > 3.0"');
    expect(await put().isDisabled()).toBe(true);
    expect(await version()).toBe(0);
  });

  test("a draft survives a reload, explains, and is in force only once the service has said so", async () => {
    await ada.open(service, "/policy?tab=edit");
    await write(RULES);
    await ada.page.reload();
    expect(JSON.parse(await editor().inputValue())).toEqual(RULES);
    await ada.page.getByRole("link", { name: "Explain" }).click();
    await ada.page.getByLabel("Action", { exact: true }).fill("delete_records");
    await ada.page.getByLabel("Arguments, as JSON").fill('{"table_name": "users", "count": 50}');
    await ada.page.getByLabel("By my draft, instead of version 0").check();
    await ada.page.keyboard.press("Control+Enter");
    await ada.page.getByText("By your draft.").waitFor();
    await ada.page.getByRole("link", { name: "deletes" }).waitFor();

    await ada.page.getByRole("link", { name: "Change" }).click();
    await ada.page.getByLabel(/^Why, for those/).fill("Deletes were never looked at.");
    await expect.poll(() => put().isEnabled(), { timeout: 15_000 }).toBe(true);
    const held = Promise.withResolvers<void>();
    await ada.page.route("**/v1/policies", async (route) => {
      if (route.request().method() === "PUT") await held.promise;
      await route.continue();
    });
    await put().click();
    await expect.poll(() => put().isDisabled(), { timeout: 15_000 }).toBe(true);
    expect(await ada.page.getByText(/^Version 1 is in force/).count()).toBe(0);
    held.resolve();
    await ada.page.getByText("Version 1 is in force. What waits").waitFor();
    await ada.page.unrouteAll();
    await ada.page.getByRole("link", { name: "In force" }).click();
    const rules = ada.page.getByRole("list", { name: "Rules" });
    await rules.getByText("Deletes are looked at.").waitFor();
    expect((await rules.innerText()).replaceAll(/\s+/g, " ")).toContain(
      "the tool is delete_records and arguments.count > 10",
    );
  });

  test("explain says by which rule, and by none", async () => {
    await ada.open(service, "/policy?tab=explain");
    await ada.button("Explain").click();
    await ada.page.getByText("Name an action.").waitFor();
    await ada.page.getByLabel("Action", { exact: true }).fill("query_users");
    await ada.page.getByLabel("Value, if it has one").fill("much");
    await ada.button("Explain").click();
    await ada.page.getByText("Write a number.").waitFor();
    await ada.page.getByLabel("Value, if it has one").fill("");
    await ada.button("Explain").click();
    await ada.page.getByText("It proceeds by itself").waitFor();
    await ada.page.getByText(/^No rule matches/).waitFor();
    const { data } = await admin.holds.page({});
    expect(data).toEqual([]);
  });

  test("somebody else changed it first: who, when and what is told, and nothing of theirs is lost", async () => {
    await ada.open(service, "/policy?tab=edit");
    await write({ rules: [...(RULES.rules ?? []), { id: "mine", tools: ["send_notification"] }] });
    await expect.poll(() => put().isEnabled(), { timeout: 15_000 }).toBe(true);
    const theirs: PolicyInput = { rules: [...(RULES.rules ?? []), { id: "theirs", tools: ["query_users"] }] };
    // The page hears nothing of it before the press: a real race.
    await ada.page.route("**/v1/policies", (route) =>
      route.request().method() === "GET" ? route.abort() : route.continue(),
    );
    await putPolicy(admin, theirs, "Queries, too.");
    await put().click();
    await ada.page.unrouteAll();
    await ada.page
      .getByRole("navigation", { name: "Parts of the policy" })
      .getByRole("link", { name: "Change" })
      .click();
    await ada.page.evaluate(() => window.dispatchEvent(new Event("online")));
    const notice = ada.page.getByRole("alert").filter({ hasText: "changed the policy" });
    await notice
      .getByText(/Admin changed the policy .* version 2, and your draft was begun from version 1/)
      .waitFor();
    await notice.getByText("“Queries, too.”").waitFor();
    await notice.getByRole("listitem").filter({ hasText: '"theirs"' }).waitFor();
    expect(await version()).toBe(2);
    expect(await editor().inputValue()).toContain('"mine"');
    await ada.button("I have taken their change into my draft").click();
    await write({ rules: [...(theirs.rules ?? []), { id: "mine", tools: ["send_notification"] }] });
    await put().click();
    await ada.page.getByText("Version 3 is in force. What waits").waitFor();
  });

  test("every version says what it changed", async () => {
    await ada.open(service, "/policy?tab=versions");
    await ada.page.getByRole("link", { name: "What it changed in version 2" }).click();
    const changes = ada.page.getByRole("list", { name: "What version 2 changed" });
    await changes.getByText("added: ").first().waitFor();
    expect(await changes.innerText()).toContain('"theirs"');
    await ada.page.reload();
    await changes.waitFor();
  });

  test("a draft can be tried on what was recorded, and run beside the one in force", async () => {
    await admin.holds.create({ action: { name: "post_note", arguments: { text: "x" } } });
    await ada.open(service, "/policy?tab=edit");
    await write({ rules: [{ id: "notes", tools: ["post_note"], effect: { level: "auto_proceed" } }] });
    await ada.page.getByRole("link", { name: "Try out" }).click();
    await ada.button("Run your draft over them").click();
    const byRule = ada.page.getByRole("table", { name: "By rule" });
    await byRule.getByRole("row", { name: /notes 0 1 0 0/ }).waitFor();
    await ada.page.getByText(/^Of 1 action, 0 would have been held, where 1 was/).waitFor();
    await ada.page.getByRole("link", { name: "Change" }).click();
    await ada.page.getByLabel(/^It runs beside/).check();
    await ada.page.getByRole("button", { name: /^Run beside/ }).click();
    await ada.page.getByText("Version 4 runs beside the one").waitFor();
    await admin.holds.create({ action: { name: "post_note", arguments: { text: "y" } } });
    await ada.page.getByRole("link", { name: "Try out" }).click();
    await ada.button("Count again").click();
    await ada.page
      .getByText(/would let through|let through 1 that was held/)
      .first()
      .waitFor();
    expect(await version()).toBe(3);
  });

  test("who may not change it is told why, and may still read and ask", async () => {
    const rob = await Person.join(browser, service, { name: "Rob", role: "reviewer" });
    await rob.open(service, "/policy?tab=edit");
    await rob.page
      .getByText("Only an operator or an admin may change the policy; you are a reviewer.")
      .waitFor();
    expect(await rob.page.getByRole("button", { name: /^Put in force/ }).isDisabled()).toBe(true);
    await rob.page.getByRole("link", { name: "Explain" }).click();
    await rob.page.getByLabel("Action", { exact: true }).fill("delete_records");
    await rob.page.getByLabel("Arguments, as JSON").fill('{"table_name": "users", "count": 50}');
    await rob.button("Explain").click();
    await rob.page.getByText("It is held").waitFor();
    expect(rob.complaints).toEqual([]);
    await rob.context.close();
  });

  test("the page hears of a change by somebody else", async () => {
    await ada.open(service, "/policy");
    await ada.page.getByText("Version 3").waitFor();
    await putPolicy(admin, RULES, "As it was.");
    await ada.page.getByText("Version 5").waitFor();
  });

  test("no page complained", () => expect(ada.complaints).toEqual([]));
});
