// The hosted page when it does not go as it should: each is said in plain words, and nothing is shown that is not so.
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchChromium } from "../../../test/chromium.ts";
import { Cable } from "./cable.ts";
import { ServiceProcess } from "./service-process.ts";
import { answerOf, askEndUser, Visitor } from "./visitor.ts";

const YES_NO = { type: "verification" } as const;

describe("on the hosted page what goes wrong is told", () => {
  let cable: Cable;
  let service: ServiceProcess;
  let browser: Browser;
  const visitors: Visitor[] = [];
  beforeAll(async () => {
    cable = await Cable.lay();
    service = await ServiceProcess.start({ publicUrl: cable.url });
    cable.leadTo(service.port);
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await cable?.cut();
    await service?.remove();
  });

  async function come(endUserId: string): Promise<Visitor> {
    const visitor = await Visitor.come(browser, service, endUserId);
    visitors.push(visitor);
    return visitor;
  }

  async function visitorAt(url: string): Promise<Visitor> {
    const visitor = await Visitor.with(browser);
    visitors.push(visitor);
    await visitor.page.goto(url);
    return visitor;
  }

  test("a device that nobody knows is told how to come in", async () => {
    const stranger = await visitorAt(`${service.url}/questions`);
    await stranger.page.getByRole("heading", { name: "This device is not known here" }).waitFor();
    await stranger.look("hosted-unknown-device");
  });

  test("a link that was cut off, or that nobody made", async () => {
    const stranger = await visitorAt(`${service.url}/questions/open/xyz`);
    await stranger.page.getByRole("heading", { name: "There is no such link" }).waitFor();
  });

  test("the right code binds this device; another one is told so, at once and for good", async () => {
    const link = await service.client().endUsers.createLink("bound");
    const first = await visitorAt(link.url);
    await first.page.getByRole("heading", { name: "Which code came with the link?" }).waitFor();
    await first.look("hosted-code");
    await first.page.getByRole("button", { name: "Open my questions" }).tap();
    await first.page.getByText("Write the code that stands in the message.").waitFor();
    // However it was typed.
    await first.page.getByLabel("Code").fill(link.code.toLowerCase().replace("-", " "));
    await first.page.getByRole("button", { name: "Open my questions" }).tap();
    await first.isRead();
    expect(first.page.url()).toBe(`${service.url}/questions`);
    // Opened again on the same device no code is asked for.
    await first.page.goto(link.url);
    await first.isRead();
    const second = await visitorAt(link.url);
    await second.page.getByRole("heading", { name: "This link works on another device" }).waitFor();
    await second.look("hosted-other-device");
    await second.page.goto(`${service.url}/questions`);
    await second.page.getByRole("heading", { name: "This device is not known here" }).waitFor();
  });

  test("five wrong codes end the link, and each says how many are left", async () => {
    const link = await service.client().endUsers.createLink("guessed");
    const guesser = await visitorAt(link.url);
    for (const left of ["4 more attempts", "3 more attempts", "2 more attempts", "One more attempt"]) {
      await guesser.page.getByLabel("Code").fill("222-222");
      await guesser.page.getByRole("button", { name: "Open my questions" }).tap();
      await guesser.page.getByText(left).waitFor();
    }
    await guesser.look("hosted-wrong-code");
    await guesser.page.getByLabel("Code").fill("222-222");
    await guesser.page.getByRole("button", { name: "Open my questions" }).tap();
    await guesser.page.getByRole("heading", { name: "This link works no more" }).waitFor();
    await guesser.page.reload();
    await guesser.page.getByRole("heading", { name: "This link works no more" }).waitFor();
  });

  test("a link that was taken back puts its device out", async () => {
    const link = await service.client().endUsers.createLink("revoked");
    const visitor = await visitorAt(link.url);
    await visitor.open(link);
    await service.client().endUsers.revokeLink("revoked", link.id);
    await visitor.page.reload();
    await visitor.page.getByRole("heading", { name: "This device is not known here" }).waitFor();
  });

  test("two tabs: answered in one it is answered in the other, and only the first counts", async () => {
    const anna = await come("two-tabs");
    const id = await askEndUser(service, "two-tabs", "Is it you?", YES_NO);
    const other = await anna.context.newPage();
    anna.watch(other);
    await other.goto(`${service.url}/questions`);
    const there = other.getByRole("article", { name: "Is it you?" });
    await there.getByRole("button", { name: "Yes" }).waitFor();
    // Both press before either of them knows of the other.
    const held = Promise.withResolvers<void>();
    await other.route("**/answer", async (route) => {
      await held.promise;
      await route.continue();
    });
    await there.getByRole("button", { name: "No", exact: true }).tap();
    await there.getByRole("button", { name: "Sending…" }).first().waitFor();
    const here = anna.card("Is it you?");
    await here.getByRole("button", { name: "Yes" }).tap();
    await here.getByText("Answered").waitFor();
    await there.getByText("Answered").waitFor();
    held.resolve();
    await expect.poll(() => there.innerText()).toContain("Yes");
    expect(await answerOf(service, id)).toBe(true);
  });

  test("answered elsewhere while the line was cut: the press says so and did not count", async () => {
    const anna = await come("elsewhere");
    const id = await askEndUser(service, "elsewhere", "Is it you?", YES_NO);
    const card = anna.card("Is it you?");
    await card.getByRole("button", { name: "Yes" }).waitFor();
    // No event reaches the page, as on a phone that just woke up.
    await anna.page.route("**/v1/questions/events", (route) => route.abort());
    await anna.page.route("**/v1/questions?*", (route) => route.abort());
    await cable.cut();
    await cable.mend();
    await service.client().holds.decide(id, { verdict: "answer", answer: true });
    await card.getByRole("button", { name: "No", exact: true }).tap();
    await card.getByText("This was already answered").waitFor();
    await anna.look("hosted-elsewhere");
    expect(await answerOf(service, id)).toBe(true);
    await anna.page.unrouteAll({ behavior: "ignoreErrors" });
    await card.getByText("Answered", { exact: true }).waitFor({ timeout: 30_000 });
  });

  test("without a connection a press decides nothing, then or later; the page comes back by itself", async () => {
    const anna = await come("away");
    const id = await askEndUser(service, "away", "Is it you?", YES_NO);
    const card = anna.card("Is it you?");
    await card.getByRole("button", { name: "Yes" }).waitFor();
    await cable.cut();
    await anna.page.getByText("Not connected. What you see may be old").waitFor();
    await card.getByRole("button", { name: "Yes" }).tap();
    await card.getByText("No connection", { exact: true }).waitFor({ timeout: 40_000 });
    await anna.look("hosted-away");
    await cable.mend();
    await anna.page.getByText("Not connected. What you see may be old").waitFor({ state: "detached" });
    expect((await service.client().holds.get(id)).status).toBe("pending");
    await card.getByRole("button", { name: "Yes" }).tap();
    await card.getByText("Answered", { exact: true }).waitFor();
  });

  test("too late, and withdrawn: each says so by itself and offers nothing to press", async () => {
    const anna = await come("late");
    await askEndUser(service, "late", "Quick?", YES_NO, { timeoutSeconds: 2 });
    const withdrawn = await askEndUser(service, "late", "Still wanted?", YES_NO);
    const card = anna.card("Quick?");
    await card.getByText("The time was up before it was answered").waitFor();
    expect(await card.getByRole("button").count()).toBe(0);
    await anna.card("Still wanted?").getByRole("button", { name: "Yes" }).waitFor();
    await service.client().holds.cancel(withdrawn);
    await anna.card("Still wanted?").getByText("Not needed any more").waitFor();
    expect(await anna.card("Still wanted?").getByRole("button").count()).toBe(0);
    await anna.look("hosted-late");
  });

  test("one end user sees nothing of another's", async () => {
    await askEndUser(service, "anna", "Only for Anna", YES_NO);
    const bo = await come("bo");
    await bo.page.getByRole("heading", { name: "Nothing has been asked yet" }).waitFor();
    expect(await bo.page.getByText("Only for Anna").count()).toBe(0);
  });

  test("the page: nothing inline, no frame around it, no referrer, in no search engine", async () => {
    const { url } = await service.client().endUsers.createLink("headers");
    for (const address of [`${service.url}/questions`, url, `${service.url}/questions/nothing/here`]) {
      const { headers } = await fetch(address, { headers: { accept: "text/html" } });
      expect(headers.get("referrer-policy")).toBe("no-referrer");
      expect(headers.get("x-robots-tag")).toContain("noindex");
      expect(headers.get("cache-control")).toBe("no-store");
      const policy = headers.get("content-security-policy") ?? "";
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toMatch(/unsafe|https?:|\*/);
    }
  });

  test("no page complained", () => {
    // A network that is cut is told by the browser, too.
    expect(visitors.flatMap(({ complaints }) => complaints)).toEqual([]);
  });
});
