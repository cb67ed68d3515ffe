// Which package may import which (architecture.md, Packages). The rules are data; every import is read.
import { posix } from "node:path";
import { describe, expect, test } from "vitest";
import { lineOf, listSourceFiles, parseSourceFile, type SourceFile } from "./source-file.ts";

/** The packages of ours that the files of a folder may import. */
const mayImport: Record<string, readonly string[]> = {
  "packages/protocol": [],
  "packages/core": ["@holdpoint/protocol"],
  "packages/client": ["@holdpoint/protocol"],
  "packages/server": ["@holdpoint/core", "@holdpoint/protocol"],
  "packages/holdpoint": ["@holdpoint/client", "@holdpoint/core", "@holdpoint/protocol", "@holdpoint/server"],
  // A server in a test's own process: composed as holdpoint is, and never part of one.
  "packages/testing": ["@holdpoint/client", "@holdpoint/protocol", "@holdpoint/server"],
  "apps/docs": [],
  "packages/react": ["@holdpoint/client", "@holdpoint/protocol"],
  "apps/inbox": ["@holdpoint/client", "@holdpoint/protocol", "@holdpoint/react"],
  // An example shows what users write: only what users install.
  "examples/calendar": ["holdpoint", "@holdpoint/client", "@holdpoint/testing"],
  "examples/data-manager": ["holdpoint", "@holdpoint/client", "@holdpoint/testing"],
  "examples/existing-clients": ["holdpoint", "@holdpoint/client", "@holdpoint/testing"],
  "examples/long-job": ["holdpoint", "@holdpoint/client", "@holdpoint/testing"],
};

/** Packages whose sources run anywhere, and the only foreign modules that they may import. */
const runsAnywhere: Record<string, RegExp> = {
  "packages/protocol": /^(zod|@noble\/hashes\/.+)$/,
  "packages/core": /^(@marcbachmann\/cel-js|temporal-polyfill)$/,
  "packages/client": /^$/,
};

/** Modules with one door: only sources in that folder may import them. */
const doors: readonly { module: RegExp; folder: string }[] = [
  { module: /^(pg|@electric-sql\/pglite)(\/|$)/, folder: "packages/server/src/database" },
  { module: /^(better-auth|@better-auth\/[^/]+)(\/|$)/, folder: "packages/server/src/identity" },
];

/** Calls that go past the one pool to PGlite and break open its transactions (architecture.md, Storage). */
const bannedCalls = [/\blite\s*\??\.\s*(query|exec)\b/g, /\.\s*fromPglite\b/g];
const bannedCallsFolder = "packages/server/src/database";

/** Screens and commands reach the service through the client library, never by requests of their own. */
const throughTheClient = ["apps/inbox/src/", "packages/react/src/", "packages/holdpoint/src/cli/"];
const ownRequests = /(?<![.\w])(?:fetch\s*\(|new (?:EventSource|WebSocket|XMLHttpRequest)\b)/g;

const files = listSourceFiles("{apps,packages,examples}/**/*.{ts,tsx,mjs}");

describe("import directions", () => {
  test("every package has its rule", () => {
    const folders = new Set(files.map((file) => packageOf(file)));
    expect([...folders].filter((folder) => mayImport[folder] === undefined)).toEqual([]);
  });

  test("protocol <- core <- server; protocol <- client <- react <- inbox; holdpoint composes", () => {
    expect(files.flatMap(wrongDirections)).toEqual([]);
  });

  test("no file reaches into another package past its exports", () => {
    expect(files.flatMap(trespasses)).toEqual([]);
  });

  test("sources of protocol, core and client run anywhere", () => {
    expect(sources().flatMap(boundToOnePlace)).toEqual([]);
  });

  test("pg and PGlite are known to database/ only, better-auth to identity/ only", () => {
    expect(sources().flatMap(pastTheDoor)).toEqual([]);
  });

  test("nothing in the server but the service itself and the dialects, which are doors too, knows that there is HTTP", () => {
    expect(sources().flatMap(knowsHttp)).toEqual([]);
  });

  test("nothing goes past the pool to PGlite", () => {
    expect(sources().flatMap(pastThePool)).toEqual([]);
  });

  test("console, components and command line talk to the service through the client alone", () => {
    expect(sources().flatMap(besideTheClient)).toEqual([]);
  });

  test("relative imports carry the extension of the file that exists", () => {
    expect(files.flatMap(extensionless)).toEqual([]);
  });
});

describe("the rules find what they forbid", () => {
  const forbidden: readonly [string, string, (file: SourceFile) => string[]][] = [
    ["packages/core/src/a.ts", `import type { A } from "@holdpoint/server";`, wrongDirections],
    ["packages/client/src/a.ts", `export { a } from "@holdpoint/core";`, wrongDirections],
    ["packages/protocol/src/a.ts", `const a = await import("holdpoint");`, wrongDirections],
    ["packages/server/src/a.ts", `import { a } from "../../core/src/index.ts";`, trespasses],
    ["packages/server/src/a.ts", `import { a } from "@holdpoint/core/src/index.ts";`, trespasses],
    ["apps/inbox/src/a.ts", `import { launchChromium } from "../../../test/chromium.ts";`, trespasses],
    ["apps/inbox/test/a.ts", `import { a } from "../../docs/test/a.ts";`, trespasses],
    ["packages/core/src/a.ts", `import { readFile } from "node:fs";`, boundToOnePlace],
    ["packages/core/src/a.ts", `import { z } from "zod";`, boundToOnePlace],
    ["packages/server/src/holds/a.ts", `import type { Pool } from "pg";`, pastTheDoor],
    ["packages/server/src/http/a.ts", `import { betterAuth } from "better-auth";`, pastTheDoor],
    ["packages/server/src/holds/a.ts", `import { route } from "../http/route.ts";`, knowsHttp],
    ["packages/server/src/runs/a.ts", `await lite.query("select 1");`, pastThePool],
    ["packages/server/src/runs/a.ts", `const jobs = PgBoss.fromPglite(lite);`, pastThePool],
    ["apps/inbox/src/a.tsx", `await fetch("/v1/holds");`, besideTheClient],
    ["packages/holdpoint/src/cli/a.ts", `new WebSocket(url);`, besideTheClient],
    ["packages/server/src/runs/a.ts", `import { a } from "./b";`, extensionless],
    ["apps/inbox/src/a.tsx", `import type { A } from "@holdpoint/server";`, wrongDirections],
    ["apps/inbox/src/a.tsx", `import { titleOf } from "@holdpoint/core";`, wrongDirections],
  ];
  test.each(forbidden)("%s: %s", (path, text, rule) => {
    expect(rule(parseSourceFile(path, text))).toHaveLength(1);
  });

  const allowed: readonly [string, string, (file: SourceFile) => string[]][] = [
    ["packages/server/src/a.ts", `import { a } from "@holdpoint/core";`, wrongDirections],
    ["packages/server/src/database/a.ts", `import { Pool } from "pg";`, pastTheDoor],
    ["packages/server/src/service.ts", `import { createApp } from "./http/app.ts";`, knowsHttp],
    ["packages/server/src/dialects/a.ts", `import { route } from "../http/route.ts";`, knowsHttp],
    ["apps/inbox/test/a.ts", `import { launchChromium } from "../../../test/chromium.ts";`, trespasses],
    ["packages/protocol/src/a.ts", `import { sha256 } from "@noble/hashes/sha2.js";`, boundToOnePlace],
    ["packages/core/src/a.ts", `import { Environment } from "@marcbachmann/cel-js";`, boundToOnePlace],
    ["packages/holdpoint/src/cli/a.ts", `app.fetch(request); query.refetch();`, besideTheClient],
    ["packages/server/src/runs/a.ts", `// never lite.query("select 1")`, pastThePool],
  ];
  test.each(allowed)("%s may: %s", (path, text, rule) => {
    expect(rule(parseSourceFile(path, text))).toEqual([]);
  });
});

function sources(): SourceFile[] {
  return files.filter((file) => file.path.includes("/src/") && !file.path.endsWith(".test.ts"));
}

function packageOf(file: SourceFile): string {
  return file.path.split("/").slice(0, 2).join("/");
}

function wrongDirections(file: SourceFile): string[] {
  const own = packageOf(file);
  const itself =
    own === "packages/holdpoint" ? "holdpoint" : own.replace(/^(packages|apps)\//, "@holdpoint/");
  const permitted = [...(mayImport[own] ?? []), itself];
  return complaints(file, (specifier) => {
    const name = ours(specifier);
    return name !== undefined && !permitted.includes(name);
  });
}

function trespasses(file: SourceFile): string[] {
  const own = packageOf(file);
  return complaints(file, (specifier) => {
    if (!specifier.startsWith(".")) return ours(specifier) !== undefined && specifier.includes("/src/");
    const target = posix.join(posix.dirname(file.path), specifier);
    // What tests of several packages need lies among the repository's own tests.
    if (target.startsWith("test/") && file.path.startsWith(`${own}/test/`)) return false;
    return target !== own && !target.startsWith(`${own}/`);
  });
}

function boundToOnePlace(file: SourceFile): string[] {
  const foreign = runsAnywhere[packageOf(file)];
  if (foreign === undefined) return [];
  return complaints(
    file,
    (specifier) => !specifier.startsWith(".") && ours(specifier) === undefined && !foreign.test(specifier),
  );
}

function pastTheDoor(file: SourceFile): string[] {
  return complaints(file, (specifier) =>
    doors.some((door) => door.module.test(specifier) && !file.path.startsWith(`${door.folder}/`)),
  );
}

/** Folders of the server are called by http/ and by dialects/, never the other way. */
function knowsHttp(file: SourceFile): string[] {
  const folder = /^packages\/server\/src\/(?!http\/|dialects\/|testing\/)[^/]+\/.+/;
  if (!folder.test(file.path)) return [];
  return complaints(file, (specifier) => {
    const target = posix.join(posix.dirname(file.path), specifier);
    return specifier.startsWith(".") && target.startsWith("packages/server/src/http/");
  });
}

function pastThePool(file: SourceFile): string[] {
  if (file.path.startsWith(`${bannedCallsFolder}/`)) return [];
  return bannedCalls.flatMap((call) =>
    [...file.code.matchAll(call)].map(
      (match) => `${file.path}:${lineOf(file.code, match.index)} ${match[0]}`,
    ),
  );
}

function besideTheClient(file: SourceFile): string[] {
  if (!throughTheClient.some((folder) => file.path.startsWith(folder))) return [];
  return [...file.code.matchAll(ownRequests)].map(
    (match) => `${file.path}:${lineOf(file.code, match.index)} ${match[0]}`,
  );
}

function extensionless(file: SourceFile): string[] {
  return complaints(
    file,
    (specifier) => specifier.startsWith(".") && !/\.(ts|tsx|mjs|json)$/.test(specifier),
  );
}

function complaints(file: SourceFile, isWrong: (specifier: string) => boolean): string[] {
  return file.imports
    .filter(({ specifier }) => isWrong(specifier))
    .map(({ specifier, line }) => `${file.path}:${line} imports ${specifier}`);
}

/** The name of the package of ours that a specifier means, undefined for any other. */
function ours(specifier: string): string | undefined {
  return /^(holdpoint|@holdpoint\/[^/]+)(?=\/|$)/.exec(specifier)?.[1];
}
