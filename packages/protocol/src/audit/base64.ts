const STANDARD = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL_SAFE = STANDARD.replace("+/", "-_");

/** RFC 4648 section 4, with padding: as signed notes write it. */
export function toBase64(bytes: Uint8Array): string {
  const text = encode(bytes, STANDARD);
  return text.padEnd(Math.ceil(text.length / 4) * 4, "=");
}

/** RFC 4648 section 5, without padding: as leaves, exports and receipts write it. */
export function toBase64Url(bytes: Uint8Array): string {
  return encode(bytes, URL_SAFE);
}

/** Undefined for what is not exactly one spelling of some bytes: two texts never mean the same bytes. */
export function fromBase64(text: string): Uint8Array | undefined {
  const bytes = decode(text.replace(/={1,2}$/, ""), STANDARD);
  return bytes !== undefined && toBase64(bytes) === text ? bytes : undefined;
}

/** Like {@link fromBase64}, for the other alphabet. */
export function fromBase64Url(text: string): Uint8Array | undefined {
  const bytes = decode(text, URL_SAFE);
  return bytes !== undefined && toBase64Url(bytes) === text ? bytes : undefined;
}

function encode(bytes: Uint8Array, alphabet: string): string {
  let text = "";
  let pending = 0;
  let bits = 0;
  for (const byte of bytes) {
    pending = ((pending << 8) | byte) & 0xffff;
    bits += 8;
    while (bits >= 6) {
      bits -= 6;
      text += alphabet.charAt((pending >> bits) & 63);
    }
  }
  return bits === 0 ? text : text + alphabet.charAt((pending << (6 - bits)) & 63);
}

function decode(text: string, alphabet: string): Uint8Array | undefined {
  const bytes = new Uint8Array(Math.floor((text.length * 6) / 8));
  let at = 0;
  let pending = 0;
  let bits = 0;
  for (const character of text) {
    const value = alphabet.indexOf(character);
    if (value === -1) return undefined;
    pending = ((pending << 6) | value) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = (pending >> bits) & 255;
    }
  }
  return bytes;
}
