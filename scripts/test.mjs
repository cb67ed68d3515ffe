// npm test: installs what is missing and runs every test once; arguments go to vitest.
import { join } from "node:path";
import { root } from "./installation.mjs";
import { launch } from "./launch.mjs";

const first = `--require=${JSON.stringify(join(root, "scripts", "baseline-wasm.cjs"))}`;
await launch(join(root, "node_modules", "vitest", "vitest.mjs"), ["run", ...process.argv.slice(2)], {
  // A shell's NODE_ENV=production must not decide how the tests run.
  NODE_ENV: "test",
  NODE_OPTIONS: [process.env.NODE_OPTIONS, first].filter(Boolean).join(" "),
});
