import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus, loadavg, release, totalmem, type } from "node:os";
import { fileURLToPath } from "node:url";

const ROOT = new URL("../../", import.meta.url);
const PACKAGES = [
  "@electric-sql/pglite",
  "pg",
  "hono",
  "@hono/node-server",
  "zod",
  "@langchain/langgraph",
  "@langchain/langgraph-checkpoint-postgres",
  "@dbos-inc/dbos-sdk",
];

/** Where and with what it was measured. */
export interface Machine {
  cpu: string;
  cores: number;
  memoryBytes: number;
  system: string;
  /** Processes that wanted a core in the minute before: others' work makes figures worse. */
  loadBefore: number;
  node: string;
  packages: Record<string, string>;
  /** The commit, with "+" when files differ from it. */
  commit: string;
}

export function readMachine(): Machine {
  const processors = cpus();
  return {
    cpu: processors[0]?.model ?? "unknown",
    cores: processors.length,
    memoryBytes: totalmem(),
    system: `${type()} ${release()}`,
    loadBefore: loadavg()[0] ?? 0,
    node: process.versions.node,
    packages: Object.fromEntries(PACKAGES.map((name) => [name, versionOf(name)])),
    commit: readCommit(),
  };
}

/** Others worked before the run began, and then meanwhile too: figures are worse than the machine's. */
export function isBusy({ loadBefore, cores }: Machine): boolean {
  return loadBefore > cores / 4;
}

function versionOf(name: string): string {
  const text = readFileSync(new URL(`node_modules/${name}/package.json`, ROOT), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

function readCommit(): string {
  const git = (...args: string[]): string =>
    execFileSync("git", args, {
      cwd: fileURLToPath(ROOT),
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  try {
    return git("rev-parse", "--short", "HEAD") + (git("status", "--porcelain") === "" ? "" : "+");
  } catch {
    return "unknown"; // not a clone, or no git
  }
}
