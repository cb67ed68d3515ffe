import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchChromium } from "../../../test/chromium.ts";
import { Person, waitingHold } from "./person.ts";
import { ServiceProcess } from "./service-process.ts";

const NOTIFY = "Notify user 7: your account will be closed.";

describe("a session belongs to one browser, and to whoever signed in there last", () => {
  let service: ServiceProcess;
  let browser: Browser;
  let ada: Person;
  /** On another port of the same host: the same site to a browser, which sends it the cookie. */
  let neighbour: Server;
  let hold: string;
  beforeAll(async () => {
    service = await ServiceProcess.start();
    browser = await launchChromium();
    neighbour = createServer((request, response) => {
      const target = `${service.url}/v1/holds/${hold}/decisions`;
      response.setHeader("content-type", "text/html");
      response.end(
        request.url === "/frame"
          ? `<iframe src="${service.url}/holds/${hold}"></iframe>`
          : `<form method="post" enctype="text/plain" action="${target}"><input name='{"verdict":"approve","x":"' value='"}'></form>`,
      );
    }).listen(0, "localhost");
    await once(neighbour, "listening");
  });
  afterAll(async () => {
    await browser?.close();
    neighbour?.close();
    await service?.remove();
  });

  test("a cookie that was there before is not the one after signing in; the link works once", async () => {
    const context = await browser.newContext();
    await context.addCookies([{ name: "holdpoint_session", value: "planted", url: service.url }]);
    const page = await context.newPage();
    await page.goto(service.signInUrl);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.waitForURL("**/inbox");
    const sessions = (await context.cookies()).filter(({ name }) => name === "holdpoint_session");
    expect(sessions).toHaveLength(1);
    expect(sessions[0]).toMatchObject({ httpOnly: true, sameSite: expect.stringMatching(/Lax|Strict/) });
    expect(sessions[0]?.value).not.toBe("planted");
    await page.goto(service.signInUrl);
    await page.getByRole("heading", { name: "This sign-in link was already used" }).waitFor();
    await context.close();
    ada = await Person.join(browser, service, { name: "Ada", role: "manager" });
    hold = await waitingHold(service, NOTIFY);
  });

  test("a page of the same site and another port decides nothing and frames nothing", async () => {
    const origin = `http://localhost:${(neighbour.address() as AddressInfo).port}`;
    const page = await ada.context.newPage();
    await page.goto(`${origin}/form`);
    const answered = page.waitForResponse("**/decisions");
    await page.evaluate(() => document.querySelector("form")?.submit());
    expect((await answered).status()).toBe(403);
    await page.waitForURL("**/decisions");
    await page.goto(`${origin}/form`);
    const status = await page
      .evaluate(async (url) => {
        const init = { method: "POST", credentials: "include", mode: "no-cors" } as const;
        return (await fetch(url, { ...init, body: '{"verdict":"approve"}' })).type;
      }, `${service.url}/v1/holds/${hold}/decisions`)
      .catch(() => "refused");
    expect(["opaque", "refused"]).toContain(status);
    await page.goto(`${origin}/frame`);
    expect(await page.frameLocator("iframe").getByRole("button").count()).toBe(0);
    expect((await service.client().holds.get(hold)).status).toBe("pending");
    await page.close();
  });

  test("signed out in one tab, the other says so, and decides nothing", async () => {
    const other = await ada.context.newPage();
    await other.goto(`${service.url}/holds/${hold}`);
    await other.getByRole("button", { name: /^Approve and/, disabled: false }).waitFor();
    await ada.page.getByRole("button", { name: /settings/ }).click();
    await ada.page.getByRole("menuitem", { name: "Sign out" }).click();
    await ada.page.getByRole("heading", { name: "Sign in to Holdpoint" }).waitFor();
    await other.bringToFront();
    await other.evaluate(() => window.dispatchEvent(new Event("focus")));
    await other.getByRole("heading", { name: "You are not signed in" }).waitFor();
    await other.keyboard.press("a");
    expect((await service.client().holds.get(hold)).status).toBe("pending");
    await other.close();
  });

  test("somebody else signed in in another tab: a tab never shows one person and decides as another", async () => {
    const tab = await Person.join(browser, service, { name: "Mia", role: "manager" });
    await tab.open(service, `/holds/${hold}`);
    await tab.button(/^Mia/).waitFor();
    const { signInLink } = await service
      .client()
      .members.add({ name: "Rob", email: "rob@example.com", role: "viewer" });
    const other = await tab.context.newPage();
    await other.goto(signInLink.url);
    await other.getByRole("button", { name: "Sign in" }).click();
    await other.waitForURL("**/inbox");
    await tab.page.bringToFront();
    await tab.page.evaluate(() => window.dispatchEvent(new Event("focus")));
    await tab.button(/^Rob/).waitFor();
    await tab.page.getByText("you are a viewer").waitFor();
    expect(tab.page.url()).toContain(hold);
    await tab.context.close();
  });

  test("an address that leads nowhere says so in the console", async () => {
    const mia = await Person.join(browser, service, { name: "Mia", role: "reviewer" });
    await mia.open(service, "/runs/a/b");
    await mia.page.getByRole("heading", { name: "There is no such page" }).waitFor();
    await mia.context.close();
  });
});
