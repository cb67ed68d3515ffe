import { hkdfSync, randomBytes } from "node:crypto";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { configurationError } from "./refusal.ts";

const MIN_LENGTH = 32;
const FILE_NAME = "secret";

/** What keys are derived for. A purpose is part of the derivation: renaming one changes its key. */
export const SECRET_PURPOSES = [
  "claim-signing",
  "session-cookie",
  "cursor",
  "repeatable-credential",
  "audit-signing",
  "vault",
  "oauth-flow",
  "end-user-code",
  "stream-ticket",
] as const;
export type SecretPurpose = (typeof SECRET_PURPOSES)[number];

/** The one secret of an installation. Only keys derived from it are used, one for each purpose. */
export class Secret {
  readonly #material: string;

  /** Throws HoldpointError `invalid_configuration` when `material` is shorter than 32 characters. */
  constructor(material: string) {
    if (material.length < MIN_LENGTH) {
      throw configurationError(
        `HOLDPOINT_SECRET has ${material.length} characters; it needs at least ${MIN_LENGTH}. ` +
          "Make one with: openssl rand -base64 33",
      );
    }
    this.#material = material;
  }

  /** A key for one purpose, by HKDF-SHA-256 (RFC 5869). The same secret and names give the same key. */
  derive(purpose: SecretPurpose, name = "", length = 32): Buffer {
    return Buffer.from(
      hkdfSync("sha256", this.#material, "holdpoint", name === "" ? purpose : `${purpose}/${name}`, length),
    );
  }

  toJSON(): string {
    return "[secret]";
  }
}

export interface SecretSource {
  /** The value of HOLDPOINT_SECRET. */
  environment?: string | undefined;
  dataDir: string;
  isProduction: boolean;
}

/**
 * The secret of the environment; in development without one, that of `<dataDir>/secret`, which is made at first start
 * (mode 0600). Throws HoldpointError `invalid_configuration` when production has none or it is too short.
 */
export async function loadSecret({ environment, dataDir, isProduction }: SecretSource): Promise<Secret> {
  if (environment !== undefined && environment !== "") return new Secret(environment);
  if (isProduction) {
    throw configurationError(
      "HOLDPOINT_SECRET is not set. In production it must be: claims and sessions are signed with keys made from it, " +
        "and all instances need the same. Make one with: openssl rand -base64 33",
    );
  }
  return new Secret(await readOrMake(dataDir));
}

async function readOrMake(dataDir: string): Promise<string> {
  await makeFolder(dataDir);
  const file = join(dataDir, FILE_NAME);
  try {
    // Of two processes that start together, one makes the file and the other reads it.
    await writeFile(file, randomBytes(33).toString("base64url"), { flag: "wx", mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") {
      throw configurationError(`The secret cannot be kept in ${file}: ${(error as Error).message}`, error);
    }
  }
  try {
    await chmod(file, 0o600);
    return (await readFile(file, "utf8")).trim();
  } catch (error) {
    throw configurationError(`The secret in ${file} cannot be read: ${(error as Error).message}`, error);
  }
}

/** The first that touches the data folder when a service starts, so it says what is wrong with that. */
async function makeFolder(dataDir: string): Promise<void> {
  try {
    await mkdir(dataDir, { recursive: true });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const isFileInWay = code === "EEXIST" || code === "ENOTDIR";
    throw configurationError(
      `Cannot use ${dataDir} as the data folder: ${isFileInWay ? "a file is in its way" : message}. ` +
        "Choose another folder with HOLDPOINT_DATA_DIR, or make this one a folder that this user may read and write.",
      error,
    );
  }
}
