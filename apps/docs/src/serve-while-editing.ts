import { once } from "node:events";
import { watch } from "node:fs";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { buildSite } from "./build-site.ts";
import { createCodeHighlighter } from "./markdown/code-highlighter.ts";
import { createSiteServer } from "./site-server.ts";

const RELOAD = 'new EventSource("/changes").onmessage = () => location.reload();\n';

/** Serves the site on localhost until the process ends; a changed page or style is built and shown. */
export async function serveWhileEditing({ root, port }: { root: string; port: number }): Promise<void> {
  // Not where `npm run docs` writes: these pages carry the script that reloads them.
  const out = join(root, ".tmp", "docs-site");
  const highlighter = await createCodeHighlighter();
  const viewers = new Set<ServerResponse>();
  const build = async () => {
    try {
      await buildSite({ root, out, highlighter, scripts: { "reload.js": RELOAD } });
      for (const viewer of viewers) viewer.write("data: built\n\n");
    } catch (error) {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    }
  };
  const server = createSiteServer(out, (request, response) => {
    if (request.url !== "/changes") return false;
    response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
    response.flushHeaders();
    viewers.add(response);
    response.on("close", () => viewers.delete(response));
    return true;
  });
  server.listen(port, "localhost");
  await once(server, "listening");
  await build();
  const soon = afterQuiet(build);
  for (const folder of ["docs", "apps/docs/src/styles"]) watch(join(root, folder), { recursive: true }, soon);
  process.stdout.write(`http://localhost:${port}/ shows docs/ as it is being written. Ctrl+C ends it.\n`);
}

// An editor saves in several steps; one build at a time, after the last of them.
function afterQuiet(work: () => Promise<void>): () => void {
  let timer: NodeJS.Timeout | undefined;
  let running = Promise.resolve();
  return () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      running = running.then(work);
    }, 100);
  };
}
