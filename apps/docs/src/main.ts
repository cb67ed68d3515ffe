// npm run docs: builds the site. With --serve (npm run docs:dev) it also serves it, and builds again when
// something changes.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { buildSite } from "./build-site.ts";
import { createCodeHighlighter } from "./markdown/code-highlighter.ts";
import { serveWhileEditing } from "./serve-while-editing.ts";

const { values: options } = parseArgs({
  options: { serve: { type: "boolean" }, port: { type: "string", default: "7788" } },
});
const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));

try {
  if (options.serve === true) await serveWhileEditing({ root, port: Number(options.port) });
  else await build();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

async function build(): Promise<void> {
  const started = performance.now();
  const out = join(root, "apps", "docs", "dist");
  const pages = await buildSite({ root, out, highlighter: await createCodeHighlighter() });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(
    `${pages} pages in ${seconds} s. Open apps/docs/dist/index.html in a browser; it needs no server.\n`,
  );
}
