import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTestStore, type OpenTestStore } from "../../src/testing/stores.ts";
import { startTestService, type TestService } from "../../src/testing/test-service.ts";

const PAGES = [
  "/",
  "/inbox",
  "/holds/hold_1",
  "/runs",
  "/runs/run_1",
  "/sessions",
  "/sessions/monday%20%2F%201",
  "/agents",
  "/audit",
  "/policy",
];
const SCRIPT = `console.log("${"x".repeat(2_000)}")`;

describe("the console", () => {
  const folder = mkdtempSync(join(tmpdir(), "holdpoint-built-"));
  let store: OpenTestStore;
  let built: TestService;
  beforeAll(async () => {
    mkdirSync(join(folder, "assets"));
    writeFileSync(join(folder, "index.html"), "<!doctype html><title>Holdpoint</title>");
    writeFileSync(join(folder, "assets", "index-1.js"), SCRIPT);
    writeFileSync(join(folder, "secret.txt"), "no");
    store = await openTestStore("embedded");
    built = await startTestService(store, { consoleFolder: pathToFileURL(`${folder}/`) });
  });
  afterAll(async () => {
    await built.stop();
    await store.close();
    rmSync(folder, { recursive: true });
  });

  test("answers at its own paths, asked for anew each time, under a policy without anything inline", async () => {
    for (const path of PAGES) {
      const { status, headers, body } = await built.call("GET", path, { key: null });
      expect([path, status, body]).toEqual([path, 200, "<!doctype html><title>Holdpoint</title>"]);
      expect(headers.get("cache-control")).toBe("no-store");
      const policy = headers.get("content-security-policy") ?? "";
      expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).toContain("require-trusted-types-for 'script'");
      expect(policy).not.toMatch(/unsafe|nonce|\*|https:/);
      expect(headers.get("x-content-type-options")).toBe("nosniff");
    }
  });

  test("every other path stays a problem", async () => {
    for (const path of [
      "/inbox/x",
      "/hold",
      "/holds",
      "/runs/a/b",
      "/settings",
      "/index.html",
      "/assets",
      "/assets/",
      "/assets/none.js",
      "/assets/..%2Findex.html",
      "/assets/..%2fsecret.txt",
      "/assets/%2e%2e/secret.txt",
      "/secret.txt",
      "/favicon.ico",
    ]) {
      const { status, headers } = await built.call("GET", path, { key: null });
      expect([path, status, headers.get("content-type")]).toEqual([path, 404, "application/problem+json"]);
    }
    const read = await built.call("GET", "/runs/a/b", {
      key: null,
      headers: { accept: "text/html,*/*;q=0.8" },
    });
    expect([read.status, read.body]).toEqual([404, "<!doctype html><title>Holdpoint</title>"]);
    expect(read.headers.get("content-security-policy")).toContain("default-src 'none'; script-src 'self'");
    for (const path of ["/v1/nothing", "/assets/none.js"]) {
      const { headers } = await built.call("GET", path, { key: null, headers: { accept: "text/html" } });
      expect([path, headers.get("content-type")]).toEqual([path, "application/problem+json"]);
    }
    const posted = await built.call("POST", "/inbox", { key: null });
    expect([posted.status, posted.headers.get("allow")]).toEqual([405, "GET"]);
  });

  test("assets are kept for ever, and come zipped to whoever takes that", async () => {
    const plain = await built.call("GET", "/assets/index-1.js", { key: null });
    expect(plain.body).toBe(SCRIPT);
    expect(plain.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
    expect(plain.headers.get("content-type")).toBe("text/javascript; charset=utf-8");
    const zipped = await built.service.app.request("http://localhost:7777/assets/index-1.js", {
      headers: { host: "localhost:7777", "accept-encoding": "br, gzip" },
    });
    expect(zipped.headers.get("content-encoding")).toBe("gzip");
    expect(gunzipSync(await zipped.arrayBuffer()).toString()).toBe(SCRIPT);
    const again = await built.call("GET", "/assets/index-1.js", {
      key: null,
      headers: { "if-none-match": plain.headers.get("etag") ?? "" },
    });
    expect([again.status, again.body]).toEqual([304, ""]);
  });

  test("a foreign host gets nothing of it", async () => {
    const { status } = await built.call("GET", "/inbox", { key: null, headers: { host: "evil.example" } });
    expect(status).toBe(421);
  });

  test("a build of an earlier version, without the page of questions, starts all the same and says what to do there", async () => {
    const old = mkdtempSync(join(tmpdir(), "holdpoint-old-build-"));
    mkdirSync(join(old, "assets"));
    writeFileSync(join(old, "index.html"), "<!doctype html><title>Holdpoint</title>");
    const service = await startTestService(store, { consoleFolder: pathToFileURL(`${old}/`) });
    expect((await service.call("GET", "/inbox", { key: null })).body).toContain("<title>Holdpoint</title>");
    const { body, headers } = await service.call("GET", "/questions", { key: null });
    expect(body).toContain("npm run build:console");
    expect(headers.get("content-security-policy")).toContain("style-src 'sha256-");
    await service.stop();
    rmSync(old, { recursive: true });
  });

  test("without a build its pages say what to do", async () => {
    const missing = await startTestService(store, { consoleFolder: pathToFileURL(`${folder}/none/`) });
    const { status, body, headers } = await missing.call("GET", "/inbox", { key: null });
    expect([status, body]).toEqual([200, expect.stringContaining("npm run build:console")]);
    expect(headers.get("content-security-policy")).toContain("style-src 'sha256-");
    expect((await missing.call("GET", "/assets/index-1.js", { key: null })).status).toBe(404);
    await missing.stop();
  });
});
