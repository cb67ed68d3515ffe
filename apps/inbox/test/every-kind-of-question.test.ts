// Each kind of question, answered by a person in the console, as it is meant.
import { join } from "node:path";
import type { CreateHold, JsonValue } from "@holdpoint/protocol";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { launchChromium } from "../../../test/chromium.ts";
import { Person } from "./person.ts";
import { ServiceProcess } from "./service-process.ts";

const CITIES = Array.from({ length: 60 }, (_, index) => ({ value: `c${index}`, label: `City ${index}` }));

describe("each kind of question in the console", () => {
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
  afterEach(() => expect(ada.complaints).toEqual([]));

  async function ask(question: CreateHold["question"], endUserId?: string): Promise<string> {
    const { id } = (await service.client().holds.create({
      kind: "clarification",
      title: "What is right?",
      question,
      ...(endUserId === undefined ? {} : { endUserId }),
    })) as { id: string };
    await ada.open(service, `/holds/${id}`);
    return id;
  }

  async function answered(id: string, name: string): Promise<JsonValue> {
    await ada.state.getByText("Answered").waitFor();
    await look(ada, `${name}-answered`);
    return (await service.client().holds.get(id)).outcome?.answer ?? null;
  }

  test("action: a button that hides the address and opens a tab that knows nothing of this one; then its word", async () => {
    const url = `${service.url}/openapi.json?secret=1`;
    const id = await ask({ type: "action", url, label: "Sign the form", requireConfirmation: true });
    const link = ada.card.getByRole("link", { name: /Sign the form/ });
    await link.waitFor();
    expect(await ada.card.innerText()).not.toContain("secret=1");
    expect(await link.getAttribute("rel")).toContain("noopener");
    await look(ada, "console-action");
    const opened = ada.context.waitForEvent("page");
    await link.click();
    const tab = await opened;
    expect(await tab.evaluate(() => window.opener === null && document.referrer === "")).toBe(true);
    await tab.close();
    await ada.button("It is done").click();
    expect(await answered(id, "console-action")).toBe(true);
  });

  test("action without a word: it answers itself, so nothing is offered to claim it", async () => {
    await ask({
      type: "action",
      url: "https://example.com/x",
      label: "Sign the form",
      requireConfirmation: false,
    });
    await ada.card.getByText("It is answered by itself once that is done.").waitFor();
    expect(await ada.button("It is done").count()).toBe(0);
  });

  test("choice: found by a search among many; what is chosen is never out of sight when it is sent", async () => {
    const id = await ask({ type: "choice", options: CITIES, multiple: true });
    await ada.card.getByLabel("Search").fill("city 7");
    await ada.card.getByText("6 of 60").waitFor();
    await ada.card.getByLabel("City 7", { exact: true }).check();
    await ada.card.getByLabel("Search").fill("city 5");
    await ada.card.getByText("Also chosen: City 7").waitFor();
    await ada.page.getByLabel("City 55").check();
    await look(ada, "console-choice");
    // A reload loses nothing of it.
    await ada.page.reload();
    await ada.isLive();
    expect(await ada.page.getByLabel("City 55").isChecked()).toBe(true);
    await ada.button("Answer").click();
    expect(await answered(id, "console-choice")).toEqual(["c7", "c55"]);
  });

  test("value: prefilled; what is changed is marked, and the button says so", async () => {
    const id = await ask({
      type: "value",
      value: { to: "anna@example.com", amount: 240 },
      schema: {
        type: "object",
        properties: { to: { type: "string", format: "email" }, amount: { type: "number", maximum: 500 } },
        required: ["to", "amount"],
      },
    });
    await ada.button("Confirm").waitFor();
    expect(await ada.page.getByLabel("amount").inputValue()).toBe("240");
    await ada.page.getByLabel("amount").fill("900");
    await ada.button("Confirm with your change").click();
    // The service refuses it, and the question stays.
    await ada.card.getByText("answer.amount must be <= 500").waitFor();
    await look(ada, "console-value-refused");
    expect((await service.client().holds.get(id)).status).toBe("pending");
    await ada.page.getByLabel("amount").fill("120");
    await ada.button("Confirm with your change").click();
    expect(await answered(id, "console-value")).toEqual({ to: "anna@example.com", amount: 120 });
  });

  test("verification: yes and no, and neither is the default", async () => {
    const id = await ask({ type: "verification", guidance: "Is **Anna Berg** the right one?" }, "user_7");
    await ada.card.getByText("Asked of the end user user_7; you may answer for them.").waitFor();
    const [yes, no] = [ada.button("Yes"), ada.button("No").last()];
    await expect.poll(() => yes.isEnabled()).toBe(true);
    const look1 = await yes.evaluate((element) => getComputedStyle(element).backgroundColor);
    expect(await no.evaluate((element) => getComputedStyle(element).backgroundColor)).toBe(look1);
    await look(ada, "console-verification");
    await ada.card.getByRole("button", { name: "No", exact: true }).click();
    expect(await answered(id, "console-verification")).toBe(false);
  });

  test("input: a form of the schema", async () => {
    const id = await ask({
      type: "input",
      schema: {
        type: "object",
        properties: { street: { type: "string" }, floor: { type: "integer" } },
        required: ["street"],
      },
    });
    await ada.page.getByLabel("street").fill("Hamngatan 4");
    await look(ada, "console-input");
    await ada.button("Answer").click();
    expect(await answered(id, "console-input")).toEqual({ street: "Hamngatan 4" });
  });

  test("custom: its data as facts, its answer as a form; without a schema words are enough", async () => {
    const id = await ask({ type: "custom", name: "seat", data: { row: 12, free: ["A", "F"] } });
    await ada.card.getByText("row").waitFor();
    await ada.page.getByLabel("Answer").fill("12F");
    await look(ada, "console-custom");
    await ada.button("Answer").click();
    expect(await answered(id, "console-custom")).toBe("12F");
  });
});

/** For the eye, where somebody asks for it. */
async function look(person: Person, name: string): Promise<void> {
  const shots = process.env["CONSOLE_SHOTS"];
  if (shots !== undefined) await person.page.screenshot({ path: join(shots, `${name}.png`) });
}
