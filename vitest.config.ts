import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: [
      "apps/*/src/**/*.test.ts",
      "apps/*/test/**/*.test.ts",
      "packages/*/src/**/*.test.ts",
      "packages/*/test/**/*.test.ts",
      "examples/**/*.test.ts",
      "test/**/*.test.ts",
      "bench/**/*.test.ts",
    ],
    globalSetup: ["packages/server/src/testing/global-setup.ts"],
    exclude: ["**/node_modules/**", "**/dist/**", "**/.tmp/**"],
    // Each file in its own process, by the Node that runs the service: tests import the sources with
    // Node's own type stripping, so what is tested is what starts.
    pool: "forks",
    experimental: { viteModuleRunner: false },
    // The databases and servers of the tests need room; two at a time fit on a small machine.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    teardownTimeout: 30_000,
    passWithNoTests: false,
    allowOnly: false,
  },
});
