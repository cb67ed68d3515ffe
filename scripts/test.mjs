// npm test: installs what is missing and runs every test once; arguments go to vitest.
import { join } from "node:path";
import { root } from "./installation.mjs";
import { launch } from "./launch.mjs";

// A shell's NODE_ENV=production must not decide how the tests run.
await launch(join(root, "node_modules", "vitest", "vitest.mjs"), ["run", ...process.argv.slice(2)], {
  NODE_ENV: "test",
});
