// What is published: which packages, from which sources, with what beside their code.

/**
 * In the order in which they build on each other. `entries` are sources that `exports` does not name; `assets` are
 * copied from `from` (in the package, or from the root with a leading slash) to `to` in what is packed.
 */
export const publishedPackages = [
  { folder: "protocol" },
  { folder: "core" },
  { folder: "client" },
  { folder: "react", assets: [{ from: "src/style.css", to: "dist/style.css" }] },
  {
    folder: "server",
    assets: [
      { from: "src/database/migrations", to: "dist/database/migrations" },
      { from: "src/database/functions", to: "dist/database/functions" },
      { from: "/apps/inbox/dist", to: "console" },
    ],
  },
  { folder: "testing" },
  {
    folder: "holdpoint",
    entries: ["src/cli/main.ts", "src/cli/audit/digest-worker.ts"],
    assets: [{ from: "bin", to: "bin" }],
  },
];
