import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { extname, join, normalize, sep } from "node:path";

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
};

/** A server of the files in `folder`, not listening yet. `first` may answer a request itself, and then says so. */
export function createSiteServer(
  folder: string,
  first: (request: IncomingMessage, response: ServerResponse) => boolean = () => false,
): Server {
  return createServer((request, response) => {
    if (first(request, response)) return;
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const path = pathname.endsWith("/") ? `${pathname}index.html` : pathname;
    const file = normalize(join(folder, decodeURIComponent(path)));
    try {
      if (!file.startsWith(folder + sep)) throw new Error("outside the site");
      const content = readFileSync(file);
      response.writeHead(200, {
        "Content-Type": TYPES[extname(file)] ?? "application/octet-stream",
        "Cache-Control": "no-store",
      });
      response.end(content);
    } catch {
      response.writeHead(404, { "Content-Type": "text/plain" });
      response.end(`There is no ${pathname} in the documentation.\n`);
    }
  });
}
