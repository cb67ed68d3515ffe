import { defineConfig } from "vitest/config";

/** Beside what they test: functions and components without a store, a server or a process of their own. */
const UNITS = ["{apps,packages}/*/src/**/*.test.ts", "packages/core/test/**/*.test.ts"];
const SERVICES = [
  "apps/*/test/**/*.test.ts",
  "packages/!(core)/test/**/*.test.ts",
  "bench/**/*.test.ts",
  "examples/**/*.test.ts",
  "test/**/*.test.ts",
];

export default defineConfig({
  test: {
    globalSetup: ["packages/server/src/testing/global-setup.ts"],
    exclude: ["**/node_modules/**", "**/dist/**", "**/.tmp/**"],
    // By the Node that runs the service: tests import the sources with Node's own type stripping, so what is tested is what
    // starts.
    pool: "forks",
    experimental: { viteModuleRunner: false },
    // The databases and servers of the tests need room; two at a time fit on a small machine.
    maxWorkers: 2,
    // What is waited for comes when it comes: a busy machine takes longer than the second that is the default.
    expect: { poll: { timeout: 15_000 } },
    testTimeout: 60_000,
    hookTimeout: 120_000,
    teardownTimeout: 30_000,
    passWithNoTests: false,
    allowOnly: false,
    projects: [
      // Each file in its own process.
      { extends: true, test: { name: "services", include: SERVICES } },
      // Most take milliseconds: a process for each would take longer than the test.
      { extends: true, test: { name: "units", include: UNITS, isolate: false } },
    ],
  },
});
