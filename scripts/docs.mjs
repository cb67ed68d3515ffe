// npm run docs: builds the documentation site; with --serve, serves it while docs/ is written.
import { join } from "node:path";
import { root } from "./installation.mjs";
import { launch } from "./launch.mjs";

await launch(join(root, "apps", "docs", "src", "main.ts"), process.argv.slice(2));
