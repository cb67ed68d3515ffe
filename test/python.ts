import { execFile, type ExecFileException } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

/** What a Python program said, and how it ended. */
export interface PythonResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program of `examples/python-http` (a path from the repository's root) with the standard library alone: no packages,
 * no user site, nothing of the caller's environment but PATH and what `environment` gives. Never skips: where no Python is, it is
 * installed, and where that cannot be done it throws and says what is missing.
 */
export async function runPython(
  path: string,
  environment: Readonly<Record<string, string>> = {},
  args: readonly string[] = [],
): Promise<PythonResult> {
  const python = await findPython();
  const program = fileURLToPath(new URL(`../${path}`, import.meta.url));
  // -I: isolated from the user's own modules and variables; -B: writes nothing beside the program.
  const command = ["-I", "-B", "-u", program, ...args];
  const env = { PATH: process.env["PATH"] ?? "", PYTHONIOENCODING: "utf-8", ...environment };
  try {
    const { stdout, stderr } = await run(python, command, { env, timeout: 60_000 });
    return { exitCode: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr, killed } = error as ExecFileException & { stdout: string; stderr: string };
    if (typeof code !== "number" || killed === true) throw error;
    return { exitCode: code, stdout, stderr };
  }
}

let found: Promise<string> | undefined;

/** The path of a Python 3.9 or newer, looked for once. */
function findPython(): Promise<string> {
  return (found ??= lookForPython());
}

async function lookForPython(): Promise<string> {
  const present = await firstThatRuns();
  if (present !== undefined) return present;
  const problem = await install();
  const installed = await firstThatRuns();
  if (installed !== undefined) return installed;
  throw new Error(
    `No Python 3.9 or newer is on this machine, and it could not be installed: ${problem ?? "what apt-get installed does not run"}. ` +
      "Install it (Debian and Ubuntu: apt-get install -y python3-minimal; macOS: brew install python3) and run the tests again.",
  );
}

const NAMES = ["python3", "python", "/usr/bin/python3", "/usr/local/bin/python3"];

/** The program itself, not a version manager's stand-in for it: that one reads the caller's environment. */
async function firstThatRuns(): Promise<string | undefined> {
  const program =
    "import json, sys, urllib.request; print(sys.executable if sys.version_info >= (3, 9) else '')";
  for (const name of NAMES) {
    const path = await run(name, ["-c", program], { timeout: 30_000 }).then(
      ({ stdout }) => stdout.trim(),
      () => "",
    );
    if (path !== "" && existsSync(path)) return path;
  }
  return undefined;
}

/** What stood in the way; undefined where nothing did. The standard library's network part is in `python3`, not in `-minimal`. */
async function install(): Promise<string | undefined> {
  if (process.platform !== "linux") return `there is no apt-get on ${process.platform}`;
  if (process.getuid?.() !== 0) return "that takes root";
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const options = { env, timeout: 300_000, maxBuffer: 64 << 20 };
  try {
    await run("apt-get", ["update", "-q"], options);
    await run("apt-get", ["install", "-y", "-q", "--no-install-recommends", "python3"], options);
    return undefined;
  } catch (error) {
    return (error as Error).message.slice(0, 500);
  }
}
