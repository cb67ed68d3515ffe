import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchChromium } from "../../../test/chromium.ts";
import { Person, waitingHold } from "./person.ts";
import { ServiceProcess } from "./service-process.ts";

const NOTIFY = "Notify user 7: your account will be closed.";
/** More than a browser opens connections to a host. */
const TABS = 8;

/** I12, over all tabs of a browser. */
describe("eight tabs of the console", () => {
  let service: ServiceProcess;
  let browser: Browser;
  let ada: Person;
  const pages: Page[] = [];
  /** Tabs that hold a stream, in the order in which they opened it. */
  const leaders: Page[] = [];
  beforeAll(async () => {
    service = await ServiceProcess.start();
    browser = await launchChromium();
    ada = await Person.signIn(browser, service.signInUrl);
    const { page, context } = ada;
    // Seen by a request that goes out: each tab tells its own.
    for (let count = 0; count < TABS; count++) {
      const tab = await context.newPage();
      tab.setDefaultTimeout(15_000);
      tab.on("request", (request) => {
        if (request.url().includes("/v1/events")) leaders.push(tab);
      });
      pages.push(tab);
    }
    await page.close(); // it led
    for (const tab of pages) await tab.goto(`${service.url}/inbox`);
  });
  afterAll(async () => {
    await browser?.close();
    await service?.remove();
  });

  const isLive = (page: Page): Promise<void> =>
    page.getByRole("status", { name: "Connection" }).getByText("Live").waitFor({ state: "attached" });
  const shows = async (page: Page, count: number): Promise<void> => {
    await expect.poll(() => page.title(), { timeout: 15_000 }).toBe(`(${count}) Holdpoint`);
  };

  test("all are live over one stream, and each shows what happens", async () => {
    await Promise.all(pages.map(isLive));
    expect(new Set(leaders).size).toBe(1);
    await waitingHold(service, NOTIFY);
    await Promise.all(pages.map((page) => shows(page, 1)));
    expect(new Set(leaders).size).toBe(1);
  });

  test("when the leading tab is closed another takes over, and what happened meanwhile is shown by all", async () => {
    let waiting = 1;
    for (let round = 0; round < 3; round++) {
      const leader = leaders.at(-1);
      pages.splice(pages.indexOf(leader as Page), 1);
      // At the same moment: before, between and after the two streams.
      const [first] = await Promise.all([
        waitingHold(service, NOTIFY),
        leader?.close({ runBeforeUnload: false }),
        waitingHold(service, NOTIFY),
      ]);
      expect(first).toBeTruthy();
      waiting += 2;
      await Promise.all(pages.map((page) => shows(page, waiting)));
      await Promise.all(pages.map(isLive));
      expect(leaders.at(-1)).not.toBe(leader);
    }
    expect(ada.complaints).toEqual([]);
  });
});
