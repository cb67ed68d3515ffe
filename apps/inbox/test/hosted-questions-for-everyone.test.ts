// The hosted page for everyone: axe, narrow screens, the keyboard alone, and text that means harm.
import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { launchChromium } from "../../../test/chromium.ts";
import { PAYLOADS } from "./payloads.ts";
import { ServiceProcess } from "./service-process.ts";
import { answerOf, askEndUser, Visitor } from "./visitor.ts";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const NARROWEST_PX = 320;
const LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft";

let service: ServiceProcess;
let browser: Browser;
beforeAll(async () => {
  service = await ServiceProcess.start();
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  await service?.remove();
});

describe("axe finds nothing, light and dark, wide and 320 px narrow; no page is wider than the screen", () => {
  const findings: string[] = [];
  afterEach(() => expect(findings).toEqual([]));

  async function lookAt(visitor: Visitor, name: string): Promise<void> {
    const { page } = visitor;
    for (const colorScheme of ["light", "dark"] as const) {
      for (const width of [1280, 390, NARROWEST_PX]) {
        await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
        await page.setViewportSize({ width, height: 800 });
        const at = `${name}, ${colorScheme} at ${width}`;
        const px = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        if (px > 0) findings.push(`${at}: ${px} px too wide`);
        if (width !== 390) findings.push(...(await axe(page)).map((finding) => `${at}: ${finding}`));
        if (width !== 390) await visitor.look(`everyone-${name}-${colorScheme}-${width}`);
      }
    }
  }

  test("the way in: code, unknown device", async () => {
    const { url } = await service.client().endUsers.createLink("axe-link");
    const visitor = await Visitor.with(browser);
    await visitor.page.goto(url);
    await visitor.page.getByLabel("Code").waitFor();
    await visitor.page.getByRole("button", { name: "Open my questions" }).click();
    await visitor.page.getByText("Write the code").waitFor();
    await lookAt(visitor, "code");
    await visitor.page.goto(`${service.url}/questions`);
    await visitor.page.getByRole("heading", { name: "This device is not known here" }).waitFor();
    await lookAt(visitor, "unknown");
  });

  test(
    "every kind at once, with what is missing marked; nothing asked; all done",
    { timeout: 120_000 },
    async () => {
      const who = "axe";
      const visitor = await Visitor.come(browser, service, who);
      await lookAt(visitor, "empty");
      await askEndUser(service, who, `Sign ${LONG}`, {
        type: "action",
        url: `https://example.com/${LONG}`,
        label: `Open ${LONG}`,
        requireConfirmation: true,
        guidance: `# Please\n\n- one\n- two\n\n| a | ${LONG} |\n| - | - |\n| 1 | \`${LONG}\` |\n\n> [a link](https://example.com)\n\n\`\`\`\n${LONG} ${LONG}\n\`\`\``,
      });
      await askEndUser(
        service,
        who,
        "Which one?",
        {
          type: "choice",
          multiple: false,
          options: Array.from({ length: 12 }, (_, index) => ({
            value: index,
            label: index === 3 ? LONG : `Option ${index}`,
            detail: "With a word of more.",
          })),
        },
        { summary: `A summary\nof two lines, with ${LONG}` },
      );
      await askEndUser(service, who, "Is this right?", {
        type: "value",
        value: { street: "Hamngatan 4", tags: ["a", "b"], more: { deep: true } },
      });
      await askEndUser(service, who, "Is it you?", { type: "verification" });
      await askEndUser(service, who, "Who?", {
        type: "input",
        schema: {
          type: "object",
          properties: {
            name: { type: "string" },
            when: { type: "string", format: "date" },
            kind: { enum: ["a", LONG] },
            guests: { type: "array", items: { type: "object", properties: { name: { type: "string" } } } },
            note: { anyOf: [{ type: "string" }, { type: "null" }] },
          },
          required: ["name", "kind", "guests"],
        },
      });
      await askEndUser(service, who, "Which seat?", {
        type: "custom",
        name: "seat",
        data: { flight: "SK 1415", [LONG]: { free: [LONG] } },
      });
      const form = visitor.card("Who?");
      await form.waitFor();
      await form.getByRole("button", { name: "Add an entry" }).click();
      await form.getByRole("button", { name: "Send answer" }).click();
      await form.getByText("Something is still missing above.").waitFor();
      await visitor.card("Is this right?").getByLabel("Street").fill("Hamngatan 5");
      await visitor.card("Which seat?").getByRole("button", { name: "Decline…" }).click();
      await visitor.page.locator(".hp-prose table").waitFor();
      await lookAt(visitor, "every-kind");
      await visitor.card("Is it you?").getByRole("button", { name: "Yes" }).click();
      await visitor.card("Is it you?").getByText("Answered").waitFor();
      await lookAt(visitor, "one-answered");
      expect(visitor.complaints).toEqual([]);
    },
  );

  test("whoever wants no motion gets none", async () => {
    const visitor = await Visitor.come(browser, service, "still", { reducedMotion: "reduce" });
    await askEndUser(service, "still", "Is it you?", { type: "verification" });
    await visitor.card("Is it you?").waitFor();
    expect(await visitor.page.evaluate(() => document.getAnimations().length)).toBe(0);
  });
});

describe("the keyboard alone is enough", () => {
  test("from the code to the last answer; the focus goes on to what is open next, and shows", async () => {
    const who = "keys";
    const city = await askEndUser(service, who, "Which city?", {
      type: "choice",
      multiple: false,
      options: ["Lund", "Malmö"].map((label) => ({ value: label, label })),
    });
    const name = await askEndUser(service, who, "Your name?", {
      type: "input",
      schema: { type: "object", properties: { name: { type: "string" } }, required: ["name"] },
    });
    const you = await askEndUser(service, who, "Is it you?", { type: "verification" });
    const visitor = await Visitor.with(browser, { isMobile: false, hasTouch: false });
    const { page } = visitor;
    const { keyboard } = page;
    const link = await service.client().endUsers.createLink(who);
    await page.goto(link.url);
    await page.getByRole("heading", { name: "Which code came with the link?" }).waitFor();
    await keyboard.press("Tab");
    await keyboard.type(link.code);
    await keyboard.press("Enter");
    await visitor.isRead();
    // Radio, arrow, the button.
    await tabTo(page, "radio");
    await keyboard.press("Space");
    await keyboard.press("ArrowDown");
    await tabTo(page, "Send answer");
    expect(
      await page.evaluate(() => getComputedStyle(document.activeElement ?? document.body).outlineStyle),
    ).toBe("solid");
    await keyboard.press("Enter");
    await focusIsOn(page, "Your name?");
    await keyboard.press("Tab");
    // Enter in a field answers nothing.
    await keyboard.type("Anna");
    await keyboard.press("Enter");
    expect((await service.client().holds.get(name)).status).toBe("pending");
    await keyboard.press("Control+Enter");
    await focusIsOn(page, "Is it you?");
    await keyboard.press("Tab");
    await keyboard.press("Tab");
    await keyboard.press("Space");
    await focusIsOn(page, "All done");
    await page
      .getByRole("status")
      .getByText("Answered. Nothing else is open.")
      .waitFor({ state: "attached" });
    expect([
      await answerOf(service, city),
      await answerOf(service, name),
      await answerOf(service, you),
    ]).toEqual(["Malmö", { name: "Anna" }, false]);
    expect(visitor.complaints).toEqual([]);
  });

  async function tabTo(page: Page, what: string): Promise<void> {
    for (let press = 0; press < 20; press++) {
      await page.keyboard.press("Tab");
      const found = await page.evaluate(
        () => `${(document.activeElement as HTMLInputElement).type} ${document.activeElement?.textContent}`,
      );
      if (found.includes(what)) return;
    }
    throw new Error(`${what} cannot be reached.`);
  }

  function focusIsOn(page: Page, heading: string): Promise<unknown> {
    return expect
      .poll(() => page.evaluate(() => document.activeElement?.textContent), { timeout: 15_000 })
      .toBe(heading);
  }
});

describe(`${PAYLOADS.length} payloads in a question execute nothing`, () => {
  test("in title, summary, guidance, options, fields, data, labels", { timeout: 240_000 }, async () => {
    const who = "payloads";
    const visitor = await Visitor.come(browser, service, who);
    const { page } = visitor;
    const hits: string[] = [];
    const strangers: string[] = [];
    await visitor.context.exposeFunction("__hit", () => hits.push(page.url()));
    page.on("dialog", (dialog) => {
      hits.push("dialog");
      void dialog.dismiss();
    });
    page.on("request", (request) => {
      if (!request.url().startsWith(service.url)) strangers.push(request.url());
    });
    for (const payload of PAYLOADS) {
      const title = payload.slice(0, 300);
      const name = payload === "__proto__" ? "proto" : payload.slice(0, 100);
      await askEndUser(
        service,
        who,
        title,
        {
          type: "choice",
          multiple: true,
          options: [{ value: payload, label: payload.slice(0, 500), detail: payload }],
          guidance: payload,
        },
        { summary: payload },
      );
      await askEndUser(service, who, title, {
        type: "custom",
        name: payload.slice(0, 200),
        data: { [name]: payload, list: [payload] },
        schema: {
          type: "object",
          properties: {
            [name]: { type: "string", title: payload, description: payload, enum: [payload, "x"] },
          },
          required: [name],
        },
        guidance: payload,
      });
      await askEndUser(service, who, title, {
        type: "action",
        url: `https://example.com/${encodeURIComponent(payload)}`,
        label: payload.slice(0, 200),
        requireConfirmation: true,
      });
    }
    await page.reload();
    await visitor.isRead();
    await expect.poll(() => page.getByRole("article").count(), { timeout: 30_000 }).toBe(PAYLOADS.length * 3);
    await page.locator(".hp-prose a").first().waitFor();
    await page.evaluate(() => {
      for (const element of document.querySelectorAll<HTMLElement>("main *")) {
        for (const type of ["pointerover", "mouseover", "focus", "toggle"])
          element.dispatchEvent(new Event(type, { bubbles: true }));
      }
      for (const link of document.querySelectorAll<HTMLAnchorElement>("main a[target=_blank]")) {
        if (!/^https?:$/.test(link.protocol)) link.click();
      }
    });
    const found = await page.evaluate(() => {
      const elements = [...document.querySelectorAll("main *")];
      return {
        bad: elements
          .filter(({ tagName }) =>
            /^(script|iframe|object|embed|style|link|meta|base|video|audio|math|marquee|xss|img)$/i.test(
              tagName,
            ),
          )
          .map(({ tagName }) => tagName),
        handlers: elements
          .flatMap((element) => element.getAttributeNames())
          .filter((name) => name.startsWith("on") || name === "srcdoc" || name === "formaction"),
        protocols: [...new Set([...document.querySelectorAll("a")].map((link) => link.protocol))].toSorted(),
        relations: [
          ...new Set([...document.querySelectorAll("main a")].map((link) => (link as HTMLAnchorElement).rel)),
        ],
      };
    });
    expect(found).toEqual({
      bad: [],
      handlers: [],
      protocols: ["https:"],
      relations: ["noopener noreferrer nofollow"],
    });
    expect(await page.locator("main").innerText()).not.toMatch(/[\u202a-\u202e\u200b\u2066-\u2069]/);
    expect([hits, strangers, visitor.complaints]).toEqual([[], [], []]);
  });
});

async function axe(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page })
    .setLegacyMode()
    .options({ resultTypes: ["violations"], preload: false })
    .withTags(RULES)
    .analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id} at ${node.target.join(" ")}: ${node.failureSummary ?? ""}`),
  );
}
