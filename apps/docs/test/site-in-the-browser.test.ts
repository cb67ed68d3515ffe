// The built site in a real Chromium, over HTTP and from the disk.
import { once } from "node:events";
import { globSync, readFileSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { SECTIONS } from "../src/sections.ts";
import { createSiteServer } from "../src/site-server.ts";
import { buildRepositorySite } from "./built-site.ts";
import { launchChromium } from "../../../test/chromium.ts";

let site: Awaited<ReturnType<typeof buildRepositorySite>>;
let server: Server;
let origin: string;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  [site, browser] = await Promise.all([buildRepositorySite(), launchChromium()]);
  server = createSiteServer(site.folder).listen(0, "127.0.0.1");
  await once(server, "listening");
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await browser?.close();
  server?.close();
  site?.remove();
});

beforeEach(async () => {
  complaints = [];
  context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  page = await context.newPage();
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("requestfailed", (request) => {
    // A page that is left lets go of what it was still loading.
    const reason = request.failure()?.errorText;
    if (reason !== "net::ERR_ABORTED") complaints.push(`${request.url()}: ${reason}`);
  });
  page.on("request", (request) => {
    const isOwn =
      request.url().startsWith(origin) || request.url().startsWith(pathToFileURL(site.folder).href);
    if (!isOwn) complaints.push(`asked for ${request.url()}`);
  });
});
// No page of any test may say an error, or ask for anything elsewhere.
afterEach(async () => {
  await context.close();
  expect(complaints).toEqual([]);
});

/** One page of each section, the longest list of them and the diagrams included. */
function somePages(): string[] {
  const first = SECTIONS.map(({ name }) => {
    const files = globSync(`${name}/*.html`, { cwd: site.folder }).sort();
    return files.find((file) => !file.endsWith("index.html")) ?? `${name}/index.html`;
  });
  const all = [
    ...first,
    "index.html",
    "reference/index.html",
    "reference/http-api.html",
    "reference/state-machines.html",
  ];
  return [...new Set(all.map((path) => path.split(sep).join("/")))];
}

async function violations(): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 200)}`));
}

describe.each(["light", "dark"] as const)("%s", (colorScheme) => {
  test("axe finds nothing on the home page and on pages of every section", async () => {
    await page.emulateMedia({ colorScheme });
    const found: string[] = [];
    // The largest page takes axe many seconds, and is made of what the other references are made of.
    const paths = somePages().filter((path) => !path.endsWith("http-api.html"));
    for (const path of paths) {
      await page.goto(`${origin}/${path}`);
      found.push(...(await violations()).map((violation) => `${path}: ${violation}`));
    }
    expect(found).toEqual([]);
  });

  test("axe finds nothing in the open search and the open menu", async () => {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width: 360, height: 780 });
    await page.goto(`${origin}/`);
    await page.getByRole("button", { name: "Menu" }).click();
    expect(await violations()).toEqual([]);
    await page.getByRole("button", { name: "Search" }).click();
    await page.getByRole("searchbox").fill("hold");
    await page.getByRole("status").filter({ hasText: "passages" }).waitFor();
    expect(await violations()).toEqual([]);
  });
});

test("no page is wider than the window, from 320 px on", async () => {
  const wide: string[] = [];
  for (const path of somePages()) {
    await page.goto(`${origin}/${path}`);
    for (const width of [320, 768, 1440, 2200]) {
      await page.setViewportSize({ width, height: 800 });
      const excess = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
      if (Number(excess) > 0) wide.push(`${path} at ${width} px`);
    }
  }
  expect(wide).toEqual([]);
});

test("the search finds actionHash by keyboard alone, and leads to it", async () => {
  await page.goto(`${origin}/`);
  await page.keyboard.press("/");
  await page.keyboard.type("actionHash");
  const decisions = page.getByRole("link", { name: "POST /v1/holds/{id}/decisions" });
  await decisions.waitFor();
  await page.keyboard.press("ArrowDown");
  expect(await page.evaluate("document.activeElement.closest('.search ol') !== null")).toBe(true);
  await decisions.click();
  await page.waitForURL(`${origin}/reference/http-api.html#post-v1holdsiddecisions`);
  const place = await page.getByRole("heading", { name: "POST /v1/holds/{id}/decisions" }).boundingBox();
  expect(place?.y).toBeGreaterThan(50);
  expect(place?.y).toBeLessThan(450);
});

test("from the disk, without any server, the search works as well", async () => {
  await page.goto(pathToFileURL(join(site.folder, "reference", "events.html")).href);
  await page.getByRole("button", { name: "Search" }).click();
  await page.getByRole("searchbox").fill("actionHash");
  await page.getByRole("link", { name: "POST /v1/holds/{id}/decisions" }).click();
  await page.waitForURL(/reference\/http-api\.html#post-v1holdsiddecisions$/);
});

test("the state diagrams are drawn, with their states and commands", async () => {
  await page.goto(`${origin}/reference/state-machines.html`);
  for (const name of ["Hold", "Fulfilment", "Run", "Tool call"]) {
    const diagram = page.getByRole("img", { name: `Diagram: ${name}`, exact: true });
    await diagram.scrollIntoViewIfNeeded();
    const box = await diagram.boundingBox();
    expect(box?.width).toBeGreaterThan(200);
    expect(box?.height).toBeGreaterThan(200);
  }
  const hold = page.getByRole("img", { name: "Diagram: Hold", exact: true });
  for (const word of ["pending", "approved", "cancelled", "approve, timeoutApprove"]) {
    expect(await hold.getByText(word, { exact: true }).isVisible()).toBe(true);
  }
  expect(await page.getByText("stateDiagram-v2").count()).toBe(0);
});

test("code is coloured, and the colours differ between light and dark", async () => {
  const path = globSync("**/*.html", { cwd: site.folder }).find((file) =>
    readFileSync(join(site.folder, file), "utf8").includes('class="code-string"'),
  );
  await page.goto(`${origin}/${path}`);
  const colour = "getComputedStyle(document.querySelector('.code-string')).color";
  const light = await page.evaluate(colour);
  await page.getByRole("button", { name: "Dark theme" }).click();
  expect(await page.evaluate(colour)).not.toBe(light);
  await page.goto(`${origin}/`);
  expect(await page.evaluate("document.documentElement.dataset.theme")).toBe("dark");
});

test("without scripts every page can be reached and read", async () => {
  const plain = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 360, height: 780 } });
  try {
    const page = await plain.newPage();
    await page.goto(`${origin}/`);
    await page.getByRole("navigation").getByRole("link", { name: "State machines" }).click();
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("State machines");
  } finally {
    await plain.close();
  }
});
