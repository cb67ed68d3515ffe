/** What an id stands for. The prefix is part of the id and never changes. */
export const ID_PREFIXES = [
  "hold",
  "run",
  "call", // a tool call
  "dec", // a decision
  "key", // an API key
  "grt", // a grant
  "dlg", // a delegation
  "evt", // an event
  "dlv", // a delivery
  "step",
  "msg",
  "org",
  "mem", // a member
  "lnk", // a link: to sign in, or to an end user's questions
  "clm", // a claim
  "ses", // a session made here because the caller named none
  "req", // a request, as in `requestId`
  "wrk", // a worker, as the owner of a lease
  "pol", // a version of the policy
  "con", // an end user's sign-in at a provider
  "ask", // a question that a tool asks
  "note", // a word from an operator to a run
  "agt", // an agent that was made over the API
  "smp", // a sample: an action that is judged afterwards
  "txn", // a transaction made here because the caller named none
  "exe", // an execution of a service
] as const;
export type IdPrefix = (typeof ID_PREFIXES)[number];
export type Id<Prefix extends IdPrefix = IdPrefix> = `${Prefix}_${string}`;

export interface CreateIdOptions {
  /** Unix time in milliseconds. Default the clock of this machine. */
  now?: number;
  /** Gives that many random bytes. Default the platform's cryptographic source. */
  random?: (length: number) => Uint8Array;
}

// Crockford's alphabet sorts like the bits it stands for, so ids sort by time as text (`COLLATE "C"`).
const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const SUFFIX = /^[0-7][0-9a-hjkmnp-tv-z]{25}$/;

/**
 * Makes an unguessable id that sorts by time: the prefix, `_`, and a UUIDv7 (RFC 9562) in 26 characters of base 32,
 * as in TypeID. It has 74 random bits; ids of the same millisecond have no order among themselves.
 */
export function createId<Prefix extends IdPrefix>(prefix: Prefix, options: CreateIdOptions = {}): Id<Prefix> {
  const now = options.now ?? Date.now();
  const bytes = (options.random ?? platformRandom)(16);
  if (bytes.length !== 16)
    throw new RangeError(`The random source gave ${bytes.length} bytes instead of 16.`);
  const uuid = Uint8Array.from(bytes);
  for (let index = 0; index < 6; index++) uuid[index] = Math.floor(now / 2 ** (8 * (5 - index))) % 256;
  uuid[6] = 0x70 | ((bytes[6] as number) & 0x0f); // version 7
  uuid[8] = 0x80 | ((bytes[8] as number) & 0x3f); // variant 10
  return `${prefix}_${encode(uuid)}`;
}

/** True when `text` is an id with this prefix, in the only spelling that this server writes. */
export function isId<Prefix extends IdPrefix>(prefix: Prefix, text: string): text is Id<Prefix> {
  return text.startsWith(`${prefix}_`) && SUFFIX.test(text.slice(prefix.length + 1));
}

/** The prefix of an id, or undefined when `text` is no id. */
export function idPrefix(text: string): IdPrefix | undefined {
  return ID_PREFIXES.find((prefix) => isId(prefix, text));
}

/** When an id was made, as Unix time in milliseconds. Throws `RangeError` for what is no id. */
export function idTime(id: string): number {
  if (idPrefix(id) === undefined) throw new RangeError(`Not an id: ${JSON.stringify(id)}.`);
  const suffix = id.slice(-26);
  let time = 0; // the first 10 characters are two zero bits and the 48 bits of time
  for (const character of suffix.slice(0, 10)) time = time * 32 + ALPHABET.indexOf(character);
  return time;
}

function encode(bytes: Uint8Array): string {
  let text = "";
  let pending = 0;
  let pendingBits = 2; // 128 bits are padded to 26 x 5 by two leading zeros
  for (const byte of bytes) {
    pending = ((pending << 8) | byte) & 0xfff;
    pendingBits += 8;
    while (pendingBits >= 5) {
      pendingBits -= 5;
      text += ALPHABET.charAt((pending >> pendingBits) & 31);
    }
  }
  return text;
}

const RANDOM_POOL_BYTES = 4_096;
const pool = new Uint8Array(RANDOM_POOL_BYTES);
let poolUsed = RANDOM_POOL_BYTES;

/** The platform is asked for many ids at once: for 4,096 bytes it takes hardly longer than for 16. No byte is given twice. */
function platformRandom(length: number): Uint8Array {
  if (poolUsed + length > RANDOM_POOL_BYTES) {
    globalThis.crypto.getRandomValues(pool);
    poolUsed = 0;
  }
  poolUsed += length;
  return pool.subarray(poolUsed - length, poolUsed);
}
