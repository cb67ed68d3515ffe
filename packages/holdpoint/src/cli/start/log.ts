import { mkdirSync, openSync, closeSync } from "node:fs";
import { join } from "node:path";
import { pino, destination, type Logger } from "pino";
import type { Settings } from "../../settings.ts";
import type { World } from "../world.ts";
