// Which Node runs Holdpoint. Plain JavaScript for Node 20 with nothing installed: the command line and
// the start-up scripts of the repository read it before they know what they run on.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** The oldest Node that runs TypeScript sources without a flag, in words for messages. */
export const requiredNode = "22.18";

/** True if that version strips types by itself: 22.18 and later, 23.6 and later, 24 and all after it. */
export function canRunTypeScript(version) {
  const [major = 0, minor = 0] = version.replace(/^v/, "").split(".").map(Number);
  return major >= 24 || (major === 23 && minor >= 6) || (major === 22 && minor >= 18);
}

/**
 * The Node that npm installed as the optional dependency `node-<platform>-<arch>`, looked for in `folder`
 * and upward; undefined where there is none. It is started once to see that it runs here: on Linux with
 * musl it is installed but does not.
 */
export function findPackagedNode(folder) {
  const platform = process.platform === "win32" ? "win" : process.platform;
  const executable = process.platform === "win32" ? "node.exe" : "node";
  for (let current = folder; ; current = dirname(current)) {
    const path = join(current, "node_modules", `node-${platform}-${process.arch}`, "bin", executable);
    if (existsSync(path) && isRunnable(path)) return path;
    if (dirname(current) === current) return undefined;
  }
}

/** What to tell a user on whose machine there is no Node that can run Holdpoint. Only a clone has one among its packages. */
export function missingNodeMessage({ isClone = true } = {}) {
  const needed = `Holdpoint needs Node ${requiredNode} or newer; this is Node ${process.versions.node} on ${process.platform}-${process.arch}.`;
  if (!isClone) {
    return `${needed}\nInstall Node ${requiredNode} or newer from https://nodejs.org/, and start again.`;
  }
  return [
    needed,
    "npm could not supply one: there is no package for this platform, or optional dependencies were left out.",
    `Install Node ${requiredNode} or newer from https://nodejs.org/, or run npm install --include=optional, and start again.`,
  ].join("\n");
}

function isRunnable(path) {
  try {
    const version = execFileSync(path, ["--version"], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    return canRunTypeScript(version.trim());
  } catch {
    return false;
  }
}
