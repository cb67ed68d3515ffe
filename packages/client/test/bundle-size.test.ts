import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { bundle } from "./bundle.ts";

// P11: bytes after minifying and gzip, whole entries, with everything that they import.
const LIMITS = {
  "index.ts": 10_000,
  "questions.ts": 5_000,
  "amorce/index.ts": 4_000,
  "local/index.ts": 6_000,
  "glaip/index.ts": 7_000,
};

test.each(Object.entries(LIMITS))("%s stays under %i bytes gzipped", async (name, limit) => {
  const code = await bundle(fileURLToPath(new URL(`../src/${name}`, import.meta.url)));
  const bytes = gzipSync(code, { level: 9 }).byteLength;
  console.log(`@holdpoint/client ${name}: ${bytes} bytes of ${limit}, gzipped`);
  expect(bytes).toBeLessThan(limit);
  // Whatever it runs in, the main entry asks for nothing of it but the web's own.
  const isPlain = !["local/index.ts", "glaip/index.ts"].includes(name);
  expect(isPlain && /\bprocess\b|getBuiltinModule|\bBuffer\b/.test(code)).toBe(false);
  expect(code).not.toMatch(/\bfrom\s*["'`]|\bimport\s*\(/);
});
