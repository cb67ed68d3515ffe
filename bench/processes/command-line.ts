import { fileURLToPath } from "node:url";

const HOLDPOINT = fileURLToPath(new URL("../../packages/holdpoint/bin/holdpoint.mjs", import.meta.url));

/** How `holdpoint …` is run as a process, by the Node that runs this. */
export function commandLine(argv: readonly string[]): { program: string; args: string[] } {
  return { program: process.execPath, args: [HOLDPOINT, ...argv] };
}
