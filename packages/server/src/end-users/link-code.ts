import { createHmac } from "node:crypto";
import { hashCredential } from "../identity/credential.ts";
import type { Secret } from "../identity/secret.ts";

/** Without 0 and O, 1, I and L: what is read off a screen and typed on a phone. */
const ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";
const LENGTH = 6;
/** The largest multiple of the alphabet's length in a byte: above it a byte would favour the first characters. */
const FAIR_BYTES = 256 - (256 % ALPHABET.length);

/**
 * The code of a link: six characters in two groups, 887 million of them against five tries. Made from the link and the
 * service's secret, so that a repeated request is told the same one although it is stored nowhere.
 */
export function codeOfLink(secret: Secret, link: string): string {
  let code = "";
  for (let round = 0; code.length < LENGTH; round++) {
    const bytes = createHmac("sha256", secret.derive("end-user-code"))
      .update(JSON.stringify([round, link]))
      .digest();
    for (const byte of bytes) {
      if (byte < FAIR_BYTES && code.length < LENGTH) code += ALPHABET.charAt(byte % ALPHABET.length);
    }
  }
  return `${code.slice(0, LENGTH / 2)}-${code.slice(LENGTH / 2)}`;
}

/** As it is stored: over the link too, which the store does not have, so that a copy of it cannot be searched for codes. */
export function hashCode(link: string, code: string): string {
  return hashCredential(JSON.stringify(["end-user-code", link, normalise(code)]));
}

/** However it was typed: small letters, spaces, with or without the dash. */
function normalise(code: string): string {
  return code.toUpperCase().replaceAll(/[\s\p{Pd}]/gu, "");
}
