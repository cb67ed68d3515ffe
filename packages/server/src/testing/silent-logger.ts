import type { DatabaseLogger } from "../database/database.ts";

/** For tests that are not about what is logged. */
export const silentLogger: DatabaseLogger = { info: () => {}, warn: () => {}, error: () => {} };
