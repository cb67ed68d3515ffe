// npm run example:long-job: as npm start, with the long job in the place of the data manager.
import { join } from "node:path";
import { root } from "./installation.mjs";

process.env.HOLDPOINT_CONFIG ??= join(root, "examples", "long-job", "holdpoint.config.ts");
await import("./start.mjs");
