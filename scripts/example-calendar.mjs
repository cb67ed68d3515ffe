// npm run example:calendar: installs what is missing, builds the pages when their sources changed, and starts the calendar
// example with its sign-in service and its calendar. Opens nothing.
import { join } from "node:path";
import { ensureConsoleBuilt } from "./console.mjs";
import { root } from "./installation.mjs";
import { launch, prepare } from "./launch.mjs";

const node = prepare();
if (node !== undefined) {
  ensureConsoleBuilt(node);
  await launch(join(root, "examples", "calendar", "start.ts"), process.argv.slice(2));
}
