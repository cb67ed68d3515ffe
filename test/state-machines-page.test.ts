import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { renderStatePage, statePagePath } from "../scripts/state-diagrams.ts";

test("docs/reference/state-machines.md says what the legality tables say", () => {
  const page = renderStatePage();
  if (process.env["UPDATE_SNAPSHOT"] === "1") writeFileSync(statePagePath, page);
  const written = existsSync(statePagePath)
    ? readFileSync(statePagePath, "utf8").replaceAll("\r\n", "\n")
    : "";
  expect(written, "run: node scripts/state-diagrams.ts").toBe(page);
});
