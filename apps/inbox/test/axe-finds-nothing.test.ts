import { AxeBuilder } from "@axe-core/playwright";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchChromium } from "../../../test/chromium.ts";
import { prepareScenes, type Scene } from "./pages.ts";
import { Person } from "./person.ts";
import { ServiceProcess } from "./service-process.ts";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

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

  test.each([
    ["light", 1440],
    ["dark", 360],
  ] as const)(
    "%s, %d px",
    async (colorScheme, width) => {
      await ada.page.emulateMedia({ colorScheme });
      await ada.page.setViewportSize({ width, height: 900 });
      const findings: string[] = [];
      for (const scene of scenes) findings.push(...(await look(scene)));
      expect(findings).toEqual([]);
    },
    240_000,
  );

  async function look({ name, path, arrange }: Scene): Promise<string[]> {
    await ada.open(service, path);
    await ada.isRead();
    await arrange?.(ada);
    const { violations } = await new AxeBuilder({ page: ada.page }).setLegacyMode().withTags(RULES).analyze();
    const wide = await ada.page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    return [
      ...(wide > 0 ? [`${name}: ${wide} px wider than the screen`] : []),
      ...violations.flatMap(({ id, nodes }) =>
        nodes.map((node) => `${name}: ${id} at ${node.target.join(" ")}: ${node.failureSummary ?? ""}`),
      ),
    ];
  }

  test("what was signed out, too", async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`${service.url}/inbox`);
    await page.getByRole("heading", { name: "You are not signed in" }).waitFor();
    const { violations } = await new AxeBuilder({ page }).setLegacyMode().withTags(RULES).analyze();
    expect(violations.map(({ id }) => id)).toEqual([]);
  });

  test("320 px wide nothing is cut off sideways", { timeout: 120_000 }, async () => {
    await ada.page.setViewportSize({ width: 320, height: 640 });
    for (const scene of scenes.filter(({ arrange }) => arrange === undefined)) {
      await ada.open(service, scene.path);
      const wide = await ada.page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect([scene.name, wide]).toEqual([scene.name, 0]);
    }
  });

  test("no page complained", () => expect(ada.complaints).toEqual([]));
});
