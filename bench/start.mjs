// npm run bench: installs what is missing, then measures, with the right Node. Plain JavaScript for Node 20.
import { fileURLToPath } from "node:url";
import { launch } from "../scripts/launch.mjs";

await launch(fileURLToPath(new URL("main.ts", import.meta.url)), process.argv.slice(2));
