import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadSecret, Secret, SECRET_PURPOSES } from "../../src/identity/secret.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "holdpoint-secret-"));
});
afterEach(() => rm(folder, { recursive: true }));

test("in development it is made once, for this user only, also when two start together", async () => {
  const dataDir = join(folder, "data");
  const [one, two] = await Promise.all([
    loadSecret({ dataDir, isProduction: false }),
    loadSecret({ dataDir, isProduction: false }),
  ]);
  const later = await loadSecret({ dataDir, environment: "", isProduction: false });
  expect(two.derive("cursor")).toEqual(one.derive("cursor"));
  expect(later.derive("cursor")).toEqual(one.derive("cursor"));
  expect((await stat(join(dataDir, "secret"))).mode & 0o777).toBe(0o600);
  expect((await readFile(join(dataDir, "secret"), "utf8")).length).toBeGreaterThanOrEqual(32);
});

test("the environment's comes first and is written nowhere", async () => {
  await loadSecret({ environment: "e".repeat(32), dataDir: join(folder, "data"), isProduction: true });
  await expect(stat(join(folder, "data"))).rejects.toMatchObject({ code: "ENOENT" });
});

test("production needs one of its own, long enough", async () => {
  const invalid = { code: "invalid_configuration" };
  await expect(loadSecret({ dataDir: folder, isProduction: true })).rejects.toMatchObject(invalid);
  await expect(
    loadSecret({ dataDir: folder, isProduction: true, environment: "short" }),
  ).rejects.toMatchObject({
    ...invalid,
    message: expect.stringContaining("5 characters; it needs at least 32"),
  });
});

test("a file in its way, or one cut short, is told", async () => {
  await writeFile(join(folder, "file"), "");
  for (const dataDir of [join(folder, "file"), join(folder, "file", "below")]) {
    await expect(loadSecret({ dataDir, isProduction: false })).rejects.toMatchObject({
      code: "invalid_configuration",
      message: expect.stringContaining(`Cannot use ${dataDir} as the data folder: a file is in its way.`),
    });
  }
  await writeFile(join(folder, "secret"), "");
  await expect(loadSecret({ dataDir: folder, isProduction: false })).rejects.toMatchObject({
    code: "invalid_configuration",
  });
});

test("each purpose has a key of its own, and the secret itself shows nowhere", () => {
  const secret = new Secret("s".repeat(32));
  const keys = SECRET_PURPOSES.map((purpose) => secret.derive(purpose).toString("hex"));
  expect(new Set([...keys, secret.derive("cursor", "a").toString("hex")]).size).toBe(keys.length + 1);
  expect(new Secret("s".repeat(32)).derive("cursor").toString("hex")).toBe(
    secret.derive("cursor").toString("hex"),
  );
  expect(JSON.stringify({ secret })).toBe('{"secret":"[secret]"}');
});
