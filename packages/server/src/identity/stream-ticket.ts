import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import type { Secret } from "./secret.ts";

/** How long a ticket may be used. */
export const TICKET_SECONDS = 30;
const ALGORITHM = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const MOST_REMEMBERED = 100_000;

/**
 * Tickets stand for a credential for half a minute, once at an instance: for browsers, which can send no header with a
 * WebSocket. What they stand for is sealed in them, so that any instance takes them and nobody reads them; the right of
 * the credential is looked up when it is used.
 */
export class StreamTickets {
  readonly #key: Buffer;
  /** Those used here that could be used again, oldest first. */
  readonly #used = new Map<string, number>();

  constructor(secret: Secret) {
    this.#key = secret.derive("stream-ticket");
  }

  issue(credentialHash: string, nowMs = Date.now()): { ticket: string; expiresAt: string } {
    const expiresMs = nowMs + TICKET_SECONDS * 1_000;
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.#key, nonce);
    const sealed = [cipher.update(`${expiresMs} ${credentialHash}`), cipher.final(), cipher.getAuthTag()];
    return {
      ticket: Buffer.concat([nonce, ...sealed]).toString("base64url"),
      expiresAt: new Date(expiresMs).toISOString(),
    };
  }

  /** The hash of its credential; undefined for what is none, is too old, or was used here. */
  redeem(ticket: string, nowMs = Date.now()): string | undefined {
    const [expires = "", credentialHash] = this.#open(ticket)?.split(" ") ?? [];
    if (credentialHash === undefined || Number(expires) <= nowMs) return undefined;
    for (const [old, expiresMs] of this.#used) {
      if (expiresMs > nowMs && this.#used.size < MOST_REMEMBERED) break;
      this.#used.delete(old);
    }
    // By its content: base64url has more than one spelling of the same bytes.
    const name = Buffer.from(ticket, "base64url").toString("base64url");
    if (this.#used.has(name)) return undefined;
    this.#used.set(name, Number(expires));
    return credentialHash;
  }

  #open(ticket: string): string | undefined {
    const bytes = Buffer.from(ticket, "base64url");
    if (bytes.length <= NONCE_BYTES + TAG_BYTES) return undefined;
    try {
      const decipher = createDecipheriv(ALGORITHM, this.#key, bytes.subarray(0, NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
      const text = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
      return Buffer.concat([text, decipher.final()]).toString();
    } catch {
      return undefined; // of another secret, or changed
    }
  }
}
