import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";

const runtime = new URL("../bin/node-runtime.mjs", import.meta.url).href;

/** As the door of the command line says it. */
function message(given: { isClone: boolean }): string {
  const code = `import { missingNodeMessage } from ${JSON.stringify(runtime)}; console.log(missingNodeMessage(${JSON.stringify(given)}))`;
  return execFileSync(process.execPath, ["--input-type=module", "--eval", code], { encoding: "utf8" });
}

test("whose Node is too old is told what helps: npm has another one for a clone, and none for an installed package", () => {
  expect(message({ isClone: true })).toContain("npm install --include=optional");
  const installed = message({ isClone: false });
  expect(installed).toContain("https://nodejs.org/");
  expect(installed).not.toContain("npm ");
});
