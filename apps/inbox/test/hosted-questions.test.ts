// The hosted page: an end user on a phone answers each kind of question as it is meant.
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchChromium } from "../../../test/chromium.ts";
import { ServiceProcess } from "./service-process.ts";
import { answerOf, askEndUser, Visitor } from "./visitor.ts";

const ANNA = "user_7";

describe("an end user answers on the hosted page", () => {
  let service: ServiceProcess;
  let browser: Browser;
  let anna: Visitor;
  beforeAll(async () => {
    service = await ServiceProcess.start();
    browser = await launchChromium();
    await service.client().endUsers.set(ANNA, { name: "Anna Berg" });
    anna = await Visitor.come(browser, service, ANNA);
  });
  afterAll(async () => {
    await browser?.close();
    await service?.remove();
  });

  test("nobody has asked anything: the page says what it is for", async () => {
    await anna.page.getByRole("heading", { name: "Nothing has been asked yet" }).waitFor();
    await anna.look("hosted-empty");
  });

  test("action: a button without an address; the new tab knows nothing of this page; then the word", async () => {
    const url = `${service.url}/openapi.json?secret=1`;
    const id = await askEndUser(service, ANNA, "Please sign the form", {
      type: "action",
      url,
      label: "Open the form",
      requireConfirmation: true,
      guidance: "It takes **two minutes**. Have your passport at hand.",
    });
    // It came by itself.
    const card = anna.card("Please sign the form");
    await card.waitFor();
    await card.locator("strong").waitFor();
    await anna.look("hosted-action");
    expect(await card.innerText()).not.toContain("secret=1");
    const link = card.getByRole("link", { name: /Open the form/ });
    expect(await link.getAttribute("rel")).toContain("noopener");
    const opened = anna.context.waitForEvent("page");
    await link.tap();
    const tab = await opened;
    expect(await tab.evaluate(() => window.opener === null && document.referrer === "")).toBe(true);
    await tab.close();
    await card.getByRole("button", { name: "I have done it" }).tap();
    await card.getByText("Answered", { exact: true }).waitFor();
    expect(await answerOf(service, id)).toBe(true);
  });

  test("choice: one tap and one press; many are searched", async () => {
    const id = await askEndUser(service, ANNA, "Which account?", {
      type: "choice",
      multiple: false,
      options: [
        { value: 1, label: "Current account", detail: "DE89 3704 0044 0532 0130 00" },
        { value: 2, label: "Savings account", detail: "Closed in May" },
      ],
    });
    const card = anna.card("Which account?");
    const send = card.getByRole("button", { name: "Send answer" });
    await send.waitFor();
    expect(await send.isDisabled()).toBe(true);
    await card.getByLabel(/Savings account/).tap();
    await anna.look("hosted-choice");
    await send.tap();
    await card.getByText("Savings account").waitFor();
    expect(await answerOf(service, id)).toBe(2);
    const many = await askEndUser(service, ANNA, "Which city?", {
      type: "choice",
      multiple: true,
      options: Array.from({ length: 300 }, (_, index) => ({ value: index, label: `City ${index}` })),
    });
    const cities = anna.card("Which city?");
    await cities.getByText("200 more").waitFor();
    await cities.getByLabel("Search").fill("299");
    await cities.getByLabel("City 299").tap();
    await cities.getByLabel("Search").fill("298");
    await cities.getByText("Also chosen: City 299").waitFor();
    await cities.getByLabel("City 298").tap();
    await anna.look("hosted-search");
    await cities.getByRole("button", { name: "Send answer" }).tap();
    await cities.getByText("City 298, City 299").waitFor();
    expect(await answerOf(service, many)).toEqual([298, 299]);
  });

  test("value: prefilled to be confirmed; a change is marked; a wrong one is refused and the question stays", async () => {
    const id = await askEndUser(service, ANNA, "Is this your address?", {
      type: "value",
      value: { street: "Hamngatan 4", zip_code: "22350" },
      schema: {
        type: "object",
        properties: {
          street: { type: "string", title: "Street and number" },
          zip_code: { type: "string", maxLength: 5 },
        },
        required: ["street", "zip_code"],
      },
    });
    const card = anna.card("Is this your address?");
    await card.getByRole("button", { name: "Confirm", exact: true }).waitFor();
    expect(await card.getByLabel("Street and number").inputValue()).toBe("Hamngatan 4");
    await card.getByLabel("Zip code").fill("223 50 Lund");
    await card.getByText("changed").waitFor();
    await card.getByRole("button", { name: "Confirm with your change" }).tap();
    await card.getByText("The answer does not fit yet").waitFor();
    await anna.look("hosted-value-refused");
    expect((await service.client().holds.get(id)).status).toBe("pending");
    await card.getByLabel("Zip code").fill("22351");
    await card.getByRole("button", { name: "Confirm with your change" }).tap();
    await card.getByText("Answered", { exact: true }).waitFor();
    expect(await answerOf(service, id)).toEqual({ street: "Hamngatan 4", zip_code: "22351" });
  });

  test("verification: yes or no, neither before the other", async () => {
    const id = await askEndUser(service, ANNA, "Did you order a taxi for 6:40?", { type: "verification" });
    const card = anna.card("Did you order a taxi for 6:40?");
    const [yes, no] = [
      card.getByRole("button", { name: "Yes" }),
      card.getByRole("button", { name: "No", exact: true }),
    ];
    await yes.waitFor();
    const [first, second] = [await yes.boundingBox(), await no.boundingBox()];
    expect([second?.width, second?.height]).toEqual([first?.width, first?.height]);
    expect(first?.height).toBeGreaterThanOrEqual(44);
    await anna.look("hosted-verification");
    await no.tap();
    await card.getByText("Answered", { exact: true }).waitFor();
    expect(await answerOf(service, id)).toBe(false);
  });

  test("input: a form; what is missing takes the focus, what is optional may stay empty; a reload loses nothing", async () => {
    const id = await askEndUser(service, ANNA, "Who travels with you?", {
      type: "input",
      schema: {
        type: "object",
        properties: {
          name: { type: "string", description: "As in the passport." },
          born: { type: "string", format: "date" },
          bags: { type: "integer", minimum: 0, maximum: 3 },
          meal: {
            oneOf: [
              { const: "veg", title: "Vegetarian" },
              { const: "any", title: "Anything" },
            ],
          },
          wheelchair: { type: "boolean" },
        },
        required: ["name", "bags"],
      },
    });
    const card = anna.card("Who travels with you?");
    await card.getByLabel("Name").fill("Elin Berg");
    await card.getByLabel("Meal").selectOption("Vegetarian");
    await card.getByRole("button", { name: "Send answer" }).tap();
    await card.getByText("Something is still missing above.").waitFor();
    await expect
      .poll(() => card.getByLabel("Bags").evaluate((field) => field === document.activeElement))
      .toBe(true);
    await anna.look("hosted-input");
    await anna.page.reload();
    await anna.isRead();
    expect(await card.getByLabel("Name").inputValue()).toBe("Elin Berg");
    await card.getByLabel("Bags").fill("2");
    await card.getByRole("button", { name: "Send answer" }).tap();
    await card.getByText("Answered", { exact: true }).waitFor();
    expect(await answerOf(service, id)).toEqual({ name: "Elin Berg", bags: 2, meal: "veg" });
    // Nothing of it is left on the device.
    expect(await anna.page.evaluate(() => JSON.stringify(sessionStorage))).not.toContain("Elin");
  });

  test("custom: its data as facts, the answer in words", async () => {
    const id = await askEndUser(service, ANNA, "Which seat do you want?", {
      type: "custom",
      name: "seat",
      data: { flight: "SK 1415", free: ["12A", "12F"] },
      guidance: "Window seats are left only in **row 12**.",
    });
    const card = anna.card("Which seat do you want?");
    await card.getByText("SK 1415").waitFor();
    await card.getByLabel("Your answer").fill("12F");
    await anna.look("hosted-custom");
    await card.getByRole("button", { name: "Send answer" }).tap();
    await card.getByText("Answered", { exact: true }).waitFor();
    expect(await answerOf(service, id)).toBe("12F");
  });

  test("a no, with a word for the agent", async () => {
    const id = await askEndUser(service, ANNA, "May I book the hotel?", { type: "verification" });
    const card = anna.card("May I book the hotel?");
    await card.getByRole("button", { name: "Decline…" }).tap();
    await card.getByLabel(/Why not/).fill("I stay with friends.");
    await anna.look("hosted-decline");
    await card.getByRole("button", { name: "Decline", exact: true }).tap();
    await card.getByText("Declined").waitFor();
    const { status, outcome } = await service.client().holds.get(id);
    expect([status, outcome?.comment]).toEqual(["rejected", "I stay with friends."]);
  });

  test("all done; after a reload what was answered stands below", async () => {
    await anna.page.getByRole("heading", { name: "All done" }).waitFor();
    await anna.page.reload();
    await anna.page.getByRole("region", { name: "Before" }).getByText("City 298, City 299").waitFor();
    await anna.page.getByRole("heading", { name: "All done" }).waitFor();
    await anna.look("hosted-all-done");
  });

  test("no page complained", () => expect(anna.complaints).toEqual([]));
});
