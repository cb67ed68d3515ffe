// docs/how-to/test-your-agent.md does what it says: its blocks are one module, which is run.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { parseFencedBlocks } from "../../../test/fenced-block.ts";
import { root } from "../../../test/source-file.ts";

test("the how-to's code runs, and ends with a completed run", async () => {
  const page = readFileSync(join(root, "docs", "how-to", "test-your-agent.md"), "utf8");
  const code = parseFencedBlocks(page).flatMap(({ language, code }) => (language === "ts" ? [code] : []));
  expect(code).toHaveLength(2);
  mkdirSync(join(root, ".tmp"), { recursive: true });
  // Inside the repository, so that the packages of the workspace are found by name.
  const folder = mkdtempSync(join(root, ".tmp", "how-to-"));
  const file = join(folder, "how-to.ts");
  writeFileSync(file, `${code.join("\n")}\nexport { status };\n`);
  try {
    const { status } = (await import(pathToFileURL(file).href)) as { status: string };
    expect(status).toBe("completed");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
