import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { extname } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Context, HonoRequest } from "hono";
import { ProblemError } from "../problem.ts";
import type { App, RequestEnv } from "./route.ts";

/** Where the build lies: beside the built code in the installed package, else where the repository makes it. */
const INSTALLED_CONSOLE = new URL("../../console/", import.meta.url);
const BUILT_CONSOLE = existsSync(INSTALLED_CONSOLE)
  ? INSTALLED_CONSOLE
  : new URL("../../../../apps/inbox/dist/", import.meta.url);

/** The pages of the console: its own router tells them apart, so all are the one document. */
const PAGES = [
  "/",
  "/inbox",
  "/holds/:id",
  "/runs",
  "/runs/:id",
  "/sessions",
  "/sessions/:id",
  "/agents",
  "/audit",
  "/policy",
] as const;

/** Scripts and styles only from here, no inline ones at all; images also out of the page itself (evidence). */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

/** The end user's page: no picture out of an answer, no form that leaves, and nobody who frames it (I13). */
const QUESTIONS_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

/** Where end users answer what they are asked; the page reads what lies behind `open/` by itself. */
const QUESTION_PAGES = ["/questions", "/questions/open/:link"] as const;

const MEDIA_TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};

interface ConsoleFile {
  type: string;
  plain: Buffer<ArrayBuffer>;
  zipped: Buffer<ArrayBuffer>;
  etag: string;
}

/**
 * Serves the console's built files, read once, at its own paths and nowhere else.
 *
 * Assets carry a hash in their name and are kept for ever; the page is asked for each time, so that a new version
 * shows at the next load. Without a build the pages say how to make one.
 */
export async function addConsoleFiles(app: App, folder: URL = BUILT_CONSOLE): Promise<void> {
  const files = await readConsole(folder);
  const notBuilt = await toFile("index.html", Buffer.from(NOT_BUILT));
  const page = files.get("index.html") ?? notBuilt;
  const headers = {
    "cache-control": "no-store",
    "content-security-policy": files.has("index.html") ? CONTENT_SECURITY_POLICY : NOT_BUILT_POLICY,
    // A form's POST would otherwise say that it came from nowhere.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
  };
  for (const path of PAGES) app.get(path, (context) => answer(context, page, headers));
  const questions = files.get("questions.html") ?? notBuilt;
  const questionHeaders = {
    ...headers,
    "content-security-policy": files.has("questions.html") ? QUESTIONS_POLICY : NOT_BUILT_POLICY,
    // The address of a link is a secret as long as nobody has opened it: it goes nowhere and is found nowhere.
    "referrer-policy": "no-referrer",
    "x-robots-tag": "noindex, nofollow",
  };
  for (const path of QUESTION_PAGES) app.get(path, (context) => answer(context, questions, questionHeaders));
  // A person who follows a link that was cut off gets the page that says so, not a document for machines.
  app.use("*", async (context, next) => {
    await next();
    if (context.res.status !== 404 || context.req.method !== "GET" || !isForPerson(context.req)) return;
    const isQuestions = /^\/questions(\/|$)/.test(context.req.path);
    const [found, allowed] = isQuestions ? [questions, questionHeaders] : [page, headers];
    context.res = context.body(found.plain, 404, { ...allowed, "content-type": found.type });
  });
  app.get("/assets/:name", (context) => {
    const file = files.get(`assets/${context.req.param("name")}`);
    if (file === undefined) {
      throw new ProblemError(
        "not_found",
        "There is no such file of the console. It may be of another version: load the page again.",
      );
    }
    return answer(context, file, { "cache-control": "public, max-age=31536000, immutable" });
  });
}

const MACHINE_PATHS = /^\/(v1|api|assets|approvals|tools|\.well-known)(\/|$)|^\/agents\/./;

function isForPerson(request: HonoRequest): boolean {
  return !MACHINE_PATHS.test(request.path) && /\btext\/html\b/.test(request.header("accept") ?? "");
}

function answer(context: Context<RequestEnv>, file: ConsoleFile, headers: Record<string, string>): Response {
  const isZipped = /\bgzip\b/.test(context.req.header("accept-encoding") ?? "");
  const all = { ...headers, etag: file.etag, vary: "accept-encoding", "content-type": file.type };
  if (context.req.header("if-none-match") === file.etag) return context.body(null, 304, all);
  return context.body(isZipped ? file.zipped : file.plain, 200, {
    ...all,
    ...(isZipped ? { "content-encoding": "gzip" } : {}),
  });
}

/** The pages and what lies in `assets/`, by their paths from the folder; nothing when it is not built. */
async function readConsole(folder: URL): Promise<Map<string, ConsoleFile>> {
  const assets = await readdir(new URL("assets/", folder)).catch(() => undefined);
  if (assets === undefined) return new Map();
  const paths = ["index.html", "questions.html", ...assets.map((name) => `assets/${name}`)];
  const read = await Promise.all(
    paths.map(async (path) => {
      const bytes = await readFile(new URL(path, folder)).catch(isAbsent);
      return bytes === undefined ? [] : [[path, await toFile(path, bytes)] as const];
    }),
  );
  return new Map(read.flat());
}

/** A build of an earlier version has not every page, and one that is being replaced is gone for a moment. */
function isAbsent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}

async function toFile(path: string, bytes: Buffer): Promise<ConsoleFile> {
  const plain = Buffer.from(bytes);
  return {
    type: MEDIA_TYPES[extname(path)] ?? "application/octet-stream",
    plain,
    zipped: Buffer.from(await promisify(gzip)(plain, { level: 9 })),
    etag: `"${createHash("sha256").update(plain).digest("base64url").slice(0, 22)}"`,
  };
}

const STYLE =
  ":root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}" +
  "body{max-width:36rem;margin:18vh auto 0;padding:0 1.5rem}h1{font-size:1.4rem}" +
  "code{font-family:ui-monospace,monospace;background:color-mix(in srgb,currentColor 10%,transparent);padding:.15rem .35rem}";
const NOT_BUILT_POLICY = `default-src 'none'; style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'; frame-ancestors 'none'; base-uri 'none'`;
const NOT_BUILT = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>Holdpoint</title><style>${STYLE}</style></head>
<body><main><h1>The console is not built</h1>
<p>The service is running; only its pages are missing. In the repository, this builds them:</p>
<p><code>npm run build:console</code></p>
<p>and then start the service again. <code>npm start</code> does both by itself.</p>
<p>Until then, decide on the command line: <code>npx holdpoint holds list</code>. The API is described at <a href="/openapi.json">/openapi.json</a>.</p>
</main></body></html>
`;
