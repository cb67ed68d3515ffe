import { sha256 } from "@noble/hashes/sha2.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import { toBase64Url } from "./base64.ts";

/**
 * SHA-256 as the audit log needs it. A port, because the portable one costs four times as much as a platform's own,
 * and a log of a million entries needs some ten million hashes.
 */
export interface Hasher {
  /** Of bytes, or of the UTF-8 bytes of a text without lone surrogates. */
  bytes(data: Uint8Array | string): Uint8Array;
  /** The same as base64url without padding: 43 characters. */
  text(data: Uint8Array | string): string;
}

/** Runs anywhere. */
export const portableHasher: Hasher = {
  bytes: (data) => sha256(typeof data === "string" ? utf8ToBytes(data) : data),
  text: (data) => toBase64Url(portableHasher.bytes(data)),
};
