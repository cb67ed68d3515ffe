import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchChromium } from "../../../test/chromium.ts";
import { PAYLOADS } from "./payloads.ts";
import { Person } from "./person.ts";
import { ServiceProcess } from "./service-process.ts";

describe(`${PAYLOADS.length} payloads in the text of an agent execute nothing`, () => {
  let service: ServiceProcess;
  let browser: Browser;
  let ada: Person;
  const hits: string[] = [];
  /** Addresses outside of the service that the page asked for. */
  const strangers: string[] = [];
  beforeAll(async () => {
    service = await ServiceProcess.start();
    browser = await launchChromium();
    ada = await Person.signIn(browser, service.signInUrl);
    await ada.context.exposeFunction("__hit", () => hits.push(ada.page.url()));
    ada.page.on("dialog", (dialog) => {
      hits.push("dialog");
      void dialog.dismiss();
    });
    ada.page.on("request", (request) => {
      if (!request.url().startsWith(service.url) && !request.url().startsWith("data:"))
        strangers.push(request.url());
    });
  });
  afterAll(async () => {
    await browser?.close();
    await service?.remove();
  });

  /** Each in every place where an asker's words are shown: name, arguments, title, summary, details, evidence. */
  async function propose(payload: string): Promise<string> {
    const hold = (await service.client().holds.create({
      title: payload.slice(0, 300),
      summary: payload,
      details: { [nameOf(payload)]: payload },
      action: { name: payload.slice(0, 200), arguments: { [nameOf(payload)]: payload, list: [payload] } },
      evidence: [
        { type: "text", title: payload.slice(0, 200), text: payload },
        { type: "diff", title: "d", before: payload, after: `${payload}\n${payload}` },
        { type: "file", title: payload.slice(0, 200), mediaType: "text/html", base64: btoa("x") },
      ],
      sessionId: "s",
    })) as { id: string };
    return hold.id;
  }

  async function ask(payload: string): Promise<string> {
    const hold = (await service.client().holds.create({
      kind: "clarification",
      title: payload.slice(0, 300),
      question: {
        type: "choice",
        options: [{ value: payload, label: payload.slice(0, 500), detail: payload.slice(0, 2_000) }],
        multiple: false,
        guidance: payload,
      },
    })) as { id: string };
    return hold.id;
  }

  /** All at first, so that the page does not read a longer list at each step. */
  async function each(make: (payload: string) => Promise<string>): Promise<string[]> {
    const ids: string[] = [];
    for (const payload of PAYLOADS) ids.push(await make(payload));
    return ids;
  }

  /** Shows it without loading the page anew: as people move, and faster. */
  async function show(id: string): Promise<void> {
    await ada.page.evaluate((to) => {
      window.history.pushState({}, "", to);
      window.dispatchEvent(new PopStateEvent("popstate"));
    }, `/holds/${id}`);
    // The card of this one, and not still that of the one before.
    await ada.card.getByText(`hold_…${id.slice(-6)}`).waitFor();
  }

  /** Touches what is there, as a careless person would. */
  async function touchEverything(): Promise<void> {
    await ada.page.evaluate(() => {
      for (const element of document.querySelectorAll<HTMLElement>("article *")) {
        for (const type of ["pointerover", "mouseover", "focus", "toggle"])
          element.dispatchEvent(new Event(type, { bubbles: true }));
      }
      for (const link of document.querySelectorAll<HTMLAnchorElement>("article a[target=_blank]")) {
        if (!/^https?:$/.test(link.protocol)) link.click();
      }
    });
  }

  test(
    "in an action: name, arguments, title, summary, details, evidence, raw form",
    { timeout: 240_000 },
    async () => {
      for (const id of await each(propose)) {
        await show(id);
        await ada.page.getByRole("button", { name: /^Approve(:| and)/, disabled: false }).waitFor();
        await touchEverything();
        await ada.page.keyboard.press("v");
        await ada.button("As a table").waitFor();
        await ada.page.keyboard.press("e");
        await ada.page.getByRole("heading", { name: "Edit the action" }).waitFor();
        await touchEverything();
        await ada.page.keyboard.press("Escape");
      }
      expect([hits, strangers]).toEqual([[], []]);
    },
  );

  test("in a question, its guidance as Markdown", { timeout: 240_000 }, async () => {
    for (const id of await each(ask)) {
      await show(id);
      await ada.page.getByText("The asker's guidance").waitFor();
      await ada.page.locator(".hp-prose").filter({ hasText: /\S/ }).waitFor();
      await touchEverything();
    }
    expect([hits, strangers]).toEqual([[], []]);
  });

  test("nothing of it became an element that could act", async () => {
    const id = await ask(PAYLOADS.join("\n\n"));
    await ada.open(service, `/holds/${id}`);
    await ada.page.locator(".hp-prose a").first().waitFor();
    const found = await ada.page.evaluate(() => {
      const article = document.querySelector("article");
      const elements = [...(article?.querySelectorAll("*") ?? [])];
      return {
        bad: elements
          .filter((element) =>
            /^(script|iframe|object|embed|style|link|meta|base|form action|video|audio|math|marquee|xss)$/i.test(
              element.tagName,
            ),
          )
          .map((element) => element.tagName),
        images: article?.querySelectorAll("img").length,
        handlers: elements
          .flatMap((element) => element.getAttributeNames())
          .filter((name) => name.startsWith("on") || name === "srcdoc" || name === "formaction"),
        protocols: [...new Set([...document.querySelectorAll("a")].map((link) => link.protocol))].toSorted(),
      };
    });
    expect(found).toEqual({ bad: [], images: 0, handlers: [], protocols: ["http:", "https:"] });
  });

  test("what cannot be seen is written out", async () => {
    const id = await propose("pay\u202e05\u202c \u200bnow");
    await ada.open(service, `/holds/${id}`);
    const card = await ada.card.innerText();
    expect(card).toContain("\\u{202e}05\\u{202c} \\u{200b}now");
    expect(card).not.toMatch(/[\u202a-\u202e\u200b\u2066-\u2069]/);
    expect(await ada.list.innerText()).not.toMatch(/[\u202a-\u202e\u200b\u2066-\u2069]/);
  });

  test("words from right to left keep to themselves: the page's own numbers are not drawn into them", async () => {
    const hold = (await service.client().holds.create({
      action: { name: "launch" },
      endUserId: "\u05e9\u05dc\u05d5\u05dd 123",
    })) as { id: string };
    await ada.open(service, `/holds/${hold.id}`);
    const name = ada.card.locator("header bdi");
    await name.waitFor();
    // What follows in the text also follows on the screen.
    const ago = ada.card.locator("header time").first();
    const [nameBox, agoBox] = [await name.boundingBox(), await ago.boundingBox()];
    expect(agoBox?.x).toBeGreaterThanOrEqual((nameBox?.x ?? 0) + (nameBox?.width ?? 0));
  });

  test("in the audit log and in a list", async () => {
    await ada.open(service, "/audit");
    await ada.page.getByRole("list", { name: "Entries" }).waitFor();
    for (const stored of (await ada.button("as stored").all()).slice(0, 20)) await stored.click();
    await ada.button("Show older").click();
    await ada.open(service, `/inbox?q=${encodeURIComponent("<img src=x onerror=window.__hit(1)>no")}`);
    await ada.page.getByRole("heading", { name: "Nothing matches" }).waitFor();
    await ada.open(service, "/inbox?tab=all");
    await ada.button("Show more").click();
    expect([hits, strangers]).toEqual([[], []]);
  });

  test("no page complained: nothing was even tried that the policy had to stop", () =>
    expect(ada.complaints).toEqual([]));
});

/** A member's name in JSON; the one that the service refuses is refused long before a page. */
function nameOf(payload: string): string {
  return payload === "__proto__" ? "proto" : payload.slice(0, 100);
}
