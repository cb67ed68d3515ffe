// The page of docs/how-to/show-questions-in-your-app.md, built as it stands and opened from another origin.
import { once } from "node:events";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser } from "playwright-core";
import { build } from "vite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchChromium } from "../../../test/chromium.ts";
import { parseFencedBlocks } from "../../../test/fenced-block.ts";
import { ServiceProcess } from "./service-process.ts";
import { answerOf, askEndUser, Visitor } from "./visitor.ts";

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const folder = join(root, ".tmp", "embedded-questions");
const ANNA = "user_7";

let service: ServiceProcess;
let browser: Browser;
let app: Server;
let appUrl: string;
let tokens = 0;
beforeAll(async () => {
  service = await ServiceProcess.start();
  browser = await launchChromium();
  await buildPage();
  app = await serveApp();
  appUrl = `http://localhost:${(app.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await browser?.close();
  app?.closeAllConnections();
  app?.close();
  await service?.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** The first example of the page, with the address of this service in the place of the example's. */
async function buildPage(): Promise<void> {
  const page = readFileSync(join(root, "docs", "how-to", "show-questions-in-your-app.md"), "utf8");
  const [example] = parseFencedBlocks(page).filter(({ language }) => language === "tsx");
  const code = example?.code.replace("https://holdpoint.example.com", service.url) ?? "";
  expect(code).toContain(service.url);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "main.tsx"), code);
  writeFileSync(
    join(folder, "index.html"),
    `<!doctype html><html lang="en"><title>An app</title><meta name="viewport" content="width=device-width"><main><h1>An app</h1><div id="questions"></div></main><script type="module" src="/main.tsx"></script></html>`,
  );
  // In production, as apps are built: the tests' own environment says otherwise.
  await build({ root: folder, configFile: false, logLevel: "error", mode: "production" });
}

/** The app: its page, and the route that vouches for whoever is signed in. */
async function serveApp(): Promise<Server> {
  const server = createServer((request, response) => {
    void (async () => {
      if (request.method === "POST" && request.url === "/questions-token") {
        tokens++;
        const { token } = await service.client().endUsers.createToken(ANNA, { expiresInSeconds: 60 });
        return response.end(token);
      }
      const path = request.url === "/" ? "/index.html" : (request.url ?? "");
      const types: Record<string, string> = {
        ".html": "text/html",
        ".js": "text/javascript",
        ".css": "text/css",
      };
      try {
        const body = readFileSync(join(folder, "dist", path));
        return response.setHeader("content-type", types[extname(path)] ?? "text/plain").end(body);
      } catch {
        return response.writeHead(404).end();
      }
    })();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

test("questions in a page of another origin, with a token of the app's backend", async () => {
  const anna = await Visitor.with(browser, { viewport: { width: 1024, height: 768 }, isMobile: false });
  await anna.page.goto(appUrl);
  await anna.isRead();
  await anna.page.getByRole("heading", { name: "Nothing has been asked yet" }).waitFor();
  const id = await askEndUser(service, ANNA, "Which account?", {
    type: "choice",
    multiple: false,
    guidance: "Choose the one that you **pay** from.",
    options: [
      { value: "a", label: "Current account" },
      { value: "b", label: "Savings account" },
    ],
  });
  await askEndUser(service, "somebody_else", "Not for Anna", { type: "verification" });
  const card = anna.card("Which account?");
  await card.getByLabel("Savings account").check();
  await anna.look("embedded");
  await card.getByRole("button", { name: "Send answer" }).click();
  await card.getByText("Answered").waitFor();
  expect(await answerOf(service, id)).toBe("b");
  expect(await anna.page.getByText("Not for Anna").count()).toBe(0);
  expect(anna.complaints).toEqual([]);
});

test("a token that ended is fetched anew, and nobody notices", async () => {
  const anna = await Visitor.with(browser);
  // The token at hand is refused, as one is whose minutes are over.
  let refused = 0;
  await anna.page.route("**/v1/questions/*/answer", async (route) => {
    const headers = { ...route.request().headers() };
    if (refused++ === 0) headers["authorization"] = `Bearer hpu_${"a".repeat(43)}`;
    await route.continue({ headers });
  });
  await anna.page.goto(appUrl);
  await anna.isRead();
  const before = tokens;
  const id = await askEndUser(service, ANNA, "Is it you?", { type: "verification" });
  await anna.card("Is it you?").getByRole("button", { name: "Yes" }).tap();
  await anna.card("Is it you?").getByText("Answered").waitFor();
  expect(await answerOf(service, id)).toBe(true);
  expect(tokens).toBe(before + 1);
});

test("the cookie of the hosted page counts for no other origin", async () => {
  const anna = await Visitor.come(browser, service, ANNA);
  await anna.page.goto(appUrl);
  const status = await anna.page.evaluate(async (url) => {
    try {
      return (await fetch(`${url}/v1/questions`, { credentials: "include" })).status;
    } catch {
      return "not readable";
    }
  }, service.url);
  expect(status).toBe("not readable");
});
