// Hands the terminal over to another process, and leaves as it left. Plain JavaScript for Node 20.
import { spawn } from "node:child_process";
import { constants } from "node:os";

const forwarded = process.platform === "win32" ? ["SIGINT", "SIGTERM"] : ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Runs a program in place of this one: same terminal, signals passed on.
 * Resolves with its exit code; a death by signal gives 128 + the signal's number, as shells report it.
 */
export function runSuccessor(executable, args, { env = process.env, cwd = process.cwd() } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(executable, args, { stdio: "inherit", env, cwd });
    const forward = (signal) => {
      // A terminal sends Ctrl-C to both of us: passing it on would ask the child twice.
      if (signal === "SIGINT" && process.stdin.isTTY) return;
      child.kill(signal);
    };
    for (const signal of forwarded) process.on(signal, forward);
    const release = () => {
      for (const signal of forwarded) process.off(signal, forward);
    };
    child.once("error", (error) => {
      release();
      reject(error);
    });
    child.once("exit", (code, signal) => {
      release();
      resolve(signal === null ? (code ?? 1) : 128 + (constants.signals[signal] ?? 0));
    });
  });
}
