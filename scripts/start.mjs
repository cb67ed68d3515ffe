// npm start: installs what is missing, builds the console when its sources changed, and starts the service with the
// example, or with HOLDPOINT_CONFIG. Opens nothing.
import { join } from "node:path";
import { ensureConsoleBuilt } from "./console.mjs";
import { root } from "./installation.mjs";
import { launch, prepare } from "./launch.mjs";

const config = process.env.HOLDPOINT_CONFIG ?? join(root, "examples", "data-manager", "holdpoint.config.ts");

const node = prepare();
if (node !== undefined) {
  buildConsole(node);
  await launch(
    join(root, "packages", "holdpoint", "bin", "holdpoint.mjs"),
    ["start", ...process.argv.slice(2)],
    {
      HOLDPOINT_CONFIG: config,
    },
  );
}

// The service decides without its pages too: over the API and the command line.
function buildConsole(node) {
  try {
    ensureConsoleBuilt(node);
  } catch (error) {
    process.stderr.write(`holdpoint: ${error.message}\nThe service starts without its pages.\n`);
  }
}
