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
const UNPACKING = join(tmpdir(), "holdpoint-chromium.lock");

/** A real Chromium, from npm. It is unpacked once on a machine; of several test files one does it, the others wait. */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = await unpack();
  return chromium.launch({ executablePath, args: FLAGS });
}

async function unpack(): Promise<string> {
  while (!takeLock()) await delay(100);
  try {
    return await sparticuz.executablePath();
  } finally {
    rmSync(UNPACKING, { recursive: true, force: true });
  }
}

function takeLock(): boolean {
  try {
    mkdirSync(UNPACKING);
    return true;
  } catch {
    // Left behind by a process that was killed in the middle.
    const since = statSync(UNPACKING, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Date.now() - since > 60_000) rmSync(UNPACKING, { recursive: true, force: true });
    return false;
  }
}
