import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";

const MODULE = new URL("./suspension-signal.ts", import.meta.url).href;

/** In a process of its own: a rejection that nobody catches would end this one. */
function run(script: string): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      "--input-type=module",
      "-e",
      `import { CallSuspended, tolerateSuspensions } from ${JSON.stringify(MODULE)};
       const controller = new AbortController();
       const end = tolerateSuspensions();
       ${script}
       await new Promise((resolve) => setTimeout(resolve, 20));
       console.log("alive");
       process.exit();`,
    ],
    { encoding: "utf8" },
  );
  return { status, output: stdout + stderr };
}

test("work that a question left running ends no process when its signal fires", () => {
  const { status, output } = run(`
    const { createServer } = await import("node:http");
    const silent = createServer(() => {}).listen(0, "127.0.0.1");
    await new Promise((resolve) => silent.once("listening", resolve));
    void fetch("http://127.0.0.1:" + silent.address().port, { signal: AbortSignal.any([controller.signal]) });
    const { setTimeout: delay } = await import("node:timers/promises");
    void delay(1_000, undefined, { signal: controller.signal });
    controller.abort(new CallSuspended());`);
  expect(output).toBe("alive\n");
  expect(status).toBe(0);
});

test("every other rejection that nobody catches still does", () => {
  const { status, output } = run(`void Promise.reject(new Error("a mistake"));`);
  expect(status).not.toBe(0);
  expect(output).toContain("a mistake");
  expect(output).not.toContain("alive");
});

test("who listens decides", () => {
  const { status, output } = run(`
    process.on("unhandledRejection", (reason) => console.log("heard", reason.message));
    void Promise.reject(new Error("a mistake"));`);
  expect(output).toBe("heard a mistake\nalive\n");
  expect(status).toBe(0);
});
