import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchChromium } from "../../../test/chromium.ts";
import { prepareScenes, type Scene } from "./pages.ts";
import { Person } from "./person.ts";
import { ServiceProcess } from "./service-process.ts";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
/** Each theme once, and each of the widths at which the page is another. */
const LOOKS = [
  { theme: "light", width: 1440 },
  { theme: "dark", width: 360 },
] as const;
/** What a zoom of 400 % leaves of a screen (WCAG 1.4.10). */
const NARROWEST_PX = 320;

describe("axe finds nothing on any page, light and dark, wide and narrow", () => {
  let service: ServiceProcess;
  let browser: Browser;
  let ada: Person;
  let scenes: Scene[];
  beforeAll(async () => {
    service = await ServiceProcess.start();
    browser = await launchChromium();
    ada = await Person.signIn(browser, service.signInUrl, { reducedMotion: "reduce" });
    scenes = await prepareScenes(service);
  });
  afterAll(async () => {
    await browser?.close();
    await service?.remove();
  });

  test("every scene, in every look", { timeout: 240_000 }, async () => {
    const findings: string[] = [];
    for (const scene of scenes) findings.push(...(await lookAt(scene)));
    expect(findings).toEqual([]);
  });

  /** A scene is arranged once; what changes between the looks is the theme and the width, as on a person's screen. */
  async function lookAt({ name, path, arrange }: Scene): Promise<string[]> {
    const { page } = ada;
    const findings: string[] = [];
    await ada.open(service, path);
    await dress(page, LOOKS[0]);
    await ada.isRead();
    await arrange?.(ada);
    const floating = await countFloating(page);
    for (const look of LOOKS) {
      await dress(page, look);
      const found = await axe(page);
      findings.push(...found.map((finding) => `${name}, ${look.theme} at ${look.width}: ${finding}`));
      findings.push(...(await tooWide(name, page)));
    }
    await page.setViewportSize({ width: NARROWEST_PX, height: 640 });
    await drawn(page);
    findings.push(...(await tooWide(name, page)));
    // Else the later looks would have been at something else.
    if ((await countFloating(page)) !== floating) findings.push(`${name}: what was open has closed`);
    return findings;
  }

  test("what was signed out, too, in the theme of the system", async () => {
    const context = await browser.newContext({ colorScheme: "dark" });
    const page = await context.newPage();
    await page.goto(`${service.url}/inbox`);
    await page.getByRole("heading", { name: "You are not signed in" }).waitFor();
    expect(await page.evaluate(() => getComputedStyle(document.body).color)).toBe("rgb(236, 236, 234)");
    expect(await axe(page)).toEqual([]);
  });

  test("no page complained", () => expect(ada.complaints).toEqual([]));
});

/** By the page's own setting: a change of the system's theme reaches the elements when it likes. */
async function dress(page: Page, { theme, width }: (typeof LOOKS)[number]): Promise<void> {
  await page.evaluate((chosen) => (document.documentElement.dataset["theme"] = chosen), theme);
  await page.setViewportSize({ width, height: 900 });
  await drawn(page);
}

/** What floats finds its place anew in the frame after a change. */
async function drawn(page: Page): Promise<void> {
  await page.evaluate(async () => {
    for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
  });
}

async function axe(page: Page): Promise<string[]> {
  const isThere = await page.evaluate(() => "axe" in window);
  const { violations } = await new AxeBuilder({
    page,
    // Reading the half megabyte takes longer than most looks: once for each document is enough.
    ...(isThere ? { axeSource: ";" } : {}),
  })
    .setLegacyMode()
    .options({ resultTypes: ["violations"], preload: false })
    .withTags(RULES)
    .analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id} at ${node.target.join(" ")}: ${node.failureSummary ?? ""}`),
  );
}

async function tooWide(name: string, page: Page): Promise<string[]> {
  const px = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  return px > 0 ? [`${name}: ${px} px wider than a screen of ${page.viewportSize()?.width ?? 0}`] : [];
}

function countFloating(page: Page): Promise<number> {
  return page.locator("[role=dialog], [role=alertdialog], [role=menu]").count();
}
