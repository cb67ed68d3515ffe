// npm start: installs what is missing and starts the service with the example, or with HOLDPOINT_CONFIG.
import { join } from "node:path";
import { root } from "./installation.mjs";
import { launch } from "./launch.mjs";

const config = process.env.HOLDPOINT_CONFIG ?? join(root, "examples", "data-manager", "holdpoint.config.ts");

await launch(
  join(root, "packages", "holdpoint", "bin", "holdpoint.mjs"),
  ["start", ...process.argv.slice(2)],
  {
    HOLDPOINT_CONFIG: config,
  },
);
