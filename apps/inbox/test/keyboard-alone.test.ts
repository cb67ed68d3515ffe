import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchChromium } from "../../../test/chromium.ts";
import { Person, waitingHold } from "./person.ts";
import { ServiceProcess } from "./service-process.ts";

const TASK = "Delete 50 old records from the users table";
const NOTIFY = "Notify user 7: your account will be closed.";

describe("the keyboard alone is enough", () => {
  let service: ServiceProcess;
  let browser: Browser;
  let ada: Person;
  const press = async (...keys: string[]) => {
    for (const key of keys) {
      // Nobody presses a key before the page has drawn what they react to, and what is drawn listens a moment later.
      await ada.page.evaluate(
        () =>
          new Promise<void>((resolve) => {
            requestAnimationFrame(() => setTimeout(resolve));
          }),
      );
      await ada.page.keyboard.press(key);
    }
  };
  beforeAll(async () => {
    service = await ServiceProcess.start();
    browser = await launchChromium();
    ada = await Person.signIn(browser, service.signInUrl);
  });
  afterAll(async () => {
    await browser?.close();
    await service?.remove();
  });

  test("start a run, find what waits, change it, approve it", async () => {
    await press("g", "r");
    await ada.page.waitForURL("**/runs");
    await ada.page.getByLabel(/What should/).focus();
    // In a field a key is a letter.
    await ada.page.keyboard.type(TASK);
    await press("Control+Enter");
    await ada.page.waitForURL("**/runs/run_*");
    await ada.page.getByRole("list", { name: "Waits for" }).waitFor();
    await press("g", "i");
    await ada.page.waitForURL("**/inbox");
    await ada.list.getByRole("link").first().waitFor();
    await press("j");
    await ada.page.waitForURL("**/holds/hold_*");
    await ada.page.getByRole("button", { name: /^Approve and/, disabled: false }).waitFor();
    await press("v");
    await ada.button("As a table").waitFor();
    await press("e");
    await ada.page.getByLabel("count").waitFor();
    expect(await ada.page.evaluate(() => document.activeElement?.tagName)).toBe("SELECT");
    await press("Tab", "Control+a");
    await ada.page.keyboard.type("10");
    await press("Control+Enter");
    await ada.confirmation.waitFor();
    await press("Control+Enter");
    await ada.state.getByText("Executed", { exact: true }).waitFor();
    // The focus is where the news is.
    expect(await ada.page.evaluate(() => document.activeElement?.id)).toBe("ask");
  });

  test("reject with a reason; Esc takes back; nothing is sent by Enter in a field", async () => {
    const id = await waitingHold(service, NOTIFY);
    await ada.open(service, "/inbox");
    await ada.list.getByRole("link").first().waitFor();
    await press("Enter");
    await ada.page.waitForURL(`**/holds/${id}`);
    await ada.page.getByRole("button", { name: /^Approve and/, disabled: false }).waitFor();
    await press("r");
    const reason = ada.page.getByLabel("Why not? The agent reads this.");
    await reason.waitFor();
    await ada.page.keyboard.type("arejh no");
    await press("Enter");
    expect((await service.client().holds.get(id)).status).toBe("pending");
    await press("Escape");
    await reason.waitFor({ state: "detached" });
    // From a button of an open form it closes the form, and not the card behind it as well.
    await press("e");
    await ada.page.getByRole("heading", { name: "Edit the action" }).waitFor();
    await ada.button("Leave out").first().or(ada.page.getByLabel("user_id")).first().focus();
    await press("Escape");
    await ada.button("Edit").waitFor();
    expect(ada.page.url()).toContain(id);
    await press("r");
    await reason.waitFor();
    await ada.button("Cancel").focus();
    await press("Escape");
    await reason.waitFor({ state: "detached" });
    expect(ada.page.url()).toContain(id);
    await press("r", "Control+Enter");
    await ada.state.getByText("Rejected", { exact: true }).waitFor();
    expect((await service.client().holds.get(id)).outcome?.comment).toBe("arejh no");
  });

  test("a question in parts: what is required begins empty, and the first that is missing takes the focus", async () => {
    const { id } = (await service.client().holds.create({
      kind: "clarification",
      title: "Where should the parcel go?",
      question: {
        type: "input",
        schema: {
          type: "object",
          properties: {
            street: { type: "string" },
            floor: { type: "integer" },
            gift: { type: "boolean" },
            note: { type: "string" },
          },
          required: ["street", "floor", "gift"],
        },
      },
    })) as { id: string };
    await ada.open(service, `/holds/${id}`);
    const answer = ada.page.locator("button").filter({ hasText: /^Answer/ });
    await expect.poll(() => answer.isEnabled(), { timeout: 15_000 }).toBe(true);
    const street = ada.page.getByLabel("street", { exact: true });
    expect([await street.inputValue(), await street.getAttribute("aria-required")]).toEqual(["", "true"]);
    await street.focus();
    await press("Control+Enter");
    await ada.page.getByText("Write something.").waitFor();
    await street.fill("Hamngatan 4");
    await press("Control+Enter");
    // The number is missing next.
    await ada.page.keyboard.type("3");
    await press("Control+Enter");
    await ada.page.keyboard.type("no");
    await press("Control+Enter");
    await ada.state.getByText("Answered").waitFor();
    expect((await service.client().holds.get(id)).outcome?.answer).toEqual({
      street: "Hamngatan 4",
      floor: 3,
      gift: false,
    });
  });

  test("a key held down acts once, and never with a modifier", async () => {
    const id = await waitingHold(service, NOTIFY);
    await ada.open(service, `/holds/${id}`);
    await ada.page.getByRole("button", { name: /^Approve and/, disabled: false }).waitFor();
    await press("Control+r").catch(() => undefined);
    await ada.page.waitForURL(`**/holds/${id}`);
    await ada.page.getByRole("button", { name: /^Approve and/, disabled: false }).waitFor();
    await ada.page.evaluate(() => {
      for (const key of ["a", "h", "r"])
        document.body.dispatchEvent(new KeyboardEvent("keydown", { key, repeat: true, bubbles: true }));
    });
    expect((await service.client().holds.get(id)).status).toBe("pending");
    expect(await ada.page.getByLabel("Why not? The agent reads this.").count()).toBe(0);
    await press("h");
    await ada.button("Take up again").waitFor();
    await press("h");
    await ada.button("Not now").waitFor();
  });

  test("the ? sheet, the hints and aria-keyshortcuts come from one table; the keys can be switched off", async () => {
    await press("?");
    const sheet = ada.page.getByRole("dialog", { name: "Keys" });
    await sheet.waitFor();
    for (const [label, key] of [
      ["Approve", "a"],
      ["Reject with a reason", "r"],
      ["Not now, or take up again", "h"],
    ] as const) {
      const row = sheet.locator("dl > div").filter({ has: ada.page.getByText(label, { exact: true }) });
      expect(await row.locator("kbd").allInnerTexts()).toEqual([key]);
    }
    expect(await ada.page.locator("button[aria-keyshortcuts=a]").innerText()).toContain("Approve and");
    expect(await ada.page.locator("a[aria-keyshortcuts='g i']").innerText()).toContain("Inbox");
    // Under the sheet no key of the page acts.
    await press("r");
    expect(await ada.page.getByLabel("Why not? The agent reads this.").count()).toBe(0);
    await sheet.getByLabel("Use keys of a single character").uncheck();
    await press("Escape");
    await sheet.waitFor({ state: "detached" });
    expect(await ada.page.locator("[aria-keyshortcuts]").count()).toBe(0);
    await press("r", "g", "r");
    expect(await ada.page.getByLabel("Why not? The agent reads this.").count()).toBe(0);
    expect(ada.page.url()).toContain("/holds/");
    await ada.button(/settings/).click();
    await ada.page.getByRole("menuitem", { name: "Keys" }).click();
    await sheet.getByLabel("Use keys of a single character").check();
    await press("Escape");
    await sheet.waitFor({ state: "detached" });
    await press("Escape");
    await ada.page.waitForURL("**/inbox");
  });

  test("j and k go through the list, and the focus follows no other", async () => {
    const ids = [await waitingHold(service, NOTIFY), await waitingHold(service, TASK)];
    await ada.open(service, "/inbox");
    await ada.list.getByRole("link").nth(2).waitFor();
    const shown = await ada.list
      .getByRole("link")
      .evaluateAll((links) => links.map((link) => link.getAttribute("data-hold")));
    expect(shown.slice(0, 2)).toEqual(ids.toReversed());
    await press("j");
    await ada.page.waitForURL(`**/holds/${shown[0] ?? ""}`);
    await press("j");
    await ada.page.waitForURL(`**/holds/${shown[1] ?? ""}`);
    await press("k");
    await ada.page.waitForURL(`**/holds/${shown[0] ?? ""}`);
    // Arrows move among the links of the list without opening them.
    await ada.list.getByRole("link").first().focus();
    await press("ArrowDown", "ArrowDown", "Enter");
    await ada.page.waitForURL(`**/holds/${shown[2] ?? ""}`);
    await press("/");
    await ada.page.keyboard.type("notification");
    await press("Enter");
    await ada.page.waitForURL(/q=notification/);
    await ada.list.getByRole("link").nth(1).waitFor();
    expect(await ada.list.getByRole("link").count()).toBe(2);
  });

  test("no page complained", () => expect(ada.complaints).toEqual([]));
});
