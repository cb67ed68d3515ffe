import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";

/** A SHA-256 as text: `sha256:` and 64 lower-case hexadecimal digits. */
export type Sha256 = `sha256:${string}`;

export const SHA256_PATTERN = /^sha256:[0-9a-f]{64}$/;

export function isSha256(text: string): text is Sha256 {
  return SHA256_PATTERN.test(text);
}

/** Hashes the UTF-8 bytes of `text`. Synchronous, and the same in Node, browsers and workers. */
export function sha256Of(text: string): Sha256 {
  return `sha256:${bytesToHex(sha256(utf8ToBytes(text)))}`;
}
