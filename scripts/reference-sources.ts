// The service's sources as text, for references that say what this version makes use of.
import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const server = fileURLToPath(new URL("../packages/server/src/", import.meta.url));

/** TypeScript and SQL of these folders of packages/server/src, tests left out, in one text. */
export function readServerSources(...folders: string[]): string {
  const paths = folders.flatMap((folder) => globSync(`${folder}/**/*.{ts,sql}`, { cwd: server }));
  return paths
    .filter((path) => !path.endsWith(".test.ts"))
    .map((path) => readFileSync(server + path, "utf8"))
    .join("\n");
}
