import { createCipheriv, createDecipheriv, hash, randomBytes } from "node:crypto";
import { HoldpointError } from "@holdpoint/protocol";
import type { Secret } from "../identity/secret.ts";

/** Where a sealed record belongs. It opens nowhere else: not for another organisation, connection or version. */
export interface VaultPlace {
  orgId: string;
  connectionId: string;
  version: number;
}

/** What a connection keeps secret. */
export interface SealedTokens {
  accessToken: string;
  refreshToken: string | null;
}

/** `vault_key_unknown`: sealed under another secret. `vault_tampered`: not what was sealed for this place. */
export class VaultError extends HoldpointError {
  override name = "VaultError";

  constructor(code: "vault_key_unknown" | "vault_tampered", message: string) {
    super(message, { code });
  }
}

const CIPHER = "aes-256-gcm";
const FORMAT = "v1";
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Seals tokens by AES-256-GCM: each record under a random key of its own, which is wrapped by a key that is derived from the
 * service's secret. The place is associated data of both, so that a record that was changed, or put where another was,
 * does not open.
 */
export class Vault {
  readonly #masterKey: Buffer;
  readonly #keyId: string;

  constructor(secret: Secret) {
    this.#masterKey = secret.derive("vault", "connections");
    // Tells which secret a record needs, and nothing of it.
    this.#keyId = hash("sha256", secret.derive("vault", "key-id"), "hex").slice(0, 16);
  }

  seal(tokens: SealedTokens, place: VaultPlace): string {
    const recordKey = randomBytes(32);
    const about = associatedData(place, this.#keyId);
    const wrapped = encrypt(this.#masterKey, recordKey, about);
    const record = encrypt(recordKey, Buffer.from(JSON.stringify(tokens)), about);
    return [FORMAT, this.#keyId, wrapped.toString("base64url"), record.toString("base64url")].join(".");
  }

  opens(sealed: string, place: VaultPlace): boolean {
    try {
      this.open(sealed, place);
      return true;
    } catch {
      return false;
    }
  }

  /** Throws VaultError; its message says what to do, and nothing of the record. */
  open(sealed: string, place: VaultPlace): SealedTokens {
    const [format, keyId = "", wrapped = "", record = "", ...rest] = sealed.split(".");
    if (format === FORMAT && keyId !== this.#keyId) {
      throw new VaultError(
        "vault_key_unknown",
        `The tokens of ${place.connectionId} were sealed under another HOLDPOINT_SECRET (key ${keyId.slice(0, 16)}, this one is ${this.#keyId}). ` +
          "Set the secret that the service had before; else their owner is asked to sign in again.",
      );
    }
    try {
      const about = associatedData(place, keyId);
      if (format !== FORMAT || rest.length > 0) throw new RangeError("another format");
      const recordKey = decrypt(this.#masterKey, Buffer.from(wrapped, "base64url"), about);
      return JSON.parse(
        decrypt(recordKey, Buffer.from(record, "base64url"), about).toString(),
      ) as SealedTokens;
    } catch {
      // The cause would say how far it came.
      throw new VaultError(
        "vault_tampered",
        `The tokens of ${place.connectionId} are not what was sealed for it: the database was changed by other means than this service. Their owner is asked to sign in again.`,
      );
    }
  }
}

function associatedData({ orgId, connectionId, version }: VaultPlace, keyId: string): Buffer {
  return Buffer.from(JSON.stringify([FORMAT, keyId, orgId, connectionId, version]));
}

function encrypt(key: Buffer, plain: Buffer, about: Buffer): Buffer {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES }).setAAD(about);
  return Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(key: Buffer, sealed: Buffer, about: Buffer): Buffer {
  if (sealed.length < IV_BYTES + TAG_BYTES) throw new RangeError("too short");
  const decipher = createDecipheriv(CIPHER, key, sealed.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(about).setAuthTag(sealed.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(sealed.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]);
}
