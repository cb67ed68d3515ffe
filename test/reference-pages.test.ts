// The reference is generated; what is written must be what the code says now. UPDATE_SNAPSHOT=1 writes it.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { renderCommandLinePage } from "../scripts/reference-command-line.ts";
import { renderConfigPage } from "../scripts/reference-config.ts";
import { renderErrorCodesPage } from "../scripts/reference-error-codes.ts";
import { renderEventsPage } from "../scripts/reference-events.ts";
import { renderHttpApiPage } from "../scripts/reference-http-api.ts";
import { referencePath } from "../scripts/reference-markdown.ts";
import { renderSettingsPage } from "../scripts/reference-settings.ts";

const pages: Record<string, () => string | Promise<string>> = {
  "command-line": renderCommandLinePage,
  config: renderConfigPage,
  "error-codes": renderErrorCodesPage,
  events: renderEventsPage,
  "http-api": renderHttpApiPage,
  settings: renderSettingsPage,
};

test.each(Object.entries(pages))("docs/reference/%s.md says what the code says", async (name, render) => {
  const page = await render();
  const path = referencePath(name);
  if (process.env["UPDATE_SNAPSHOT"] === "1") writeFileSync(path, page);
  const written = existsSync(path) ? readFileSync(path, "utf8").replaceAll("\r\n", "\n") : "";
  expect(written, `run: node scripts/reference-${name}.ts`).toBe(page);
});
