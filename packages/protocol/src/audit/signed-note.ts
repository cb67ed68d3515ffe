// Signed notes, https://c2sp.org/signed-note: text, and signatures by named keys.
import { fromBase64, toBase64 } from "./base64.ts";
import { portableHasher } from "./hasher.ts";
import { ProofError } from "./proof-error.ts";

const ED25519 = 0x01;
const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
const MAX_SIGNATURES = 64;
const MAX_NOTE_CHARACTERS = 1_000_000;
const SIGNATURE_LINE = /^\u2014 (\S+) (\S+)$/;
/** Key names have neither spaces (of any script) nor plus signs. */
const KEY_NAME = /^[^\s+]+$/;

/** Who signs notes: a name, and an Ed25519 public key. */
export interface VerifierKey {
  name: string;
  /** 32 bits. */
  id: number;
  /** 32 bytes, as RFC 8032 writes it. */
  publicKey: Uint8Array;
}

/** `<name>+<id in hex>+<base64 of type and key>` of an Ed25519 key. Throws ProofError `malformed_key` for any other. */
export function parseVerifierKey(text: string): VerifierKey {
  // Base64 may hold plus signs too, names may not.
  const match = /^([^\s+]+)\+([0-9a-f]{8})\+(\S+)$/.exec(text);
  const material = fromBase64(match?.[3] ?? "");
  const name = match?.[1];
  if (name === undefined || material?.[0] !== ED25519 || material.length !== 1 + KEY_BYTES) {
    throw new ProofError("malformed_key", `Not the verifier key of an Ed25519 key: ${text.slice(0, 200)}`);
  }
  const publicKey = material.slice(1);
  const id = keyId(name, publicKey);
  if (id !== Number.parseInt(match?.[2] ?? "", 16)) {
    throw new ProofError("malformed_key", `The id in this verifier key is not that of its key: ${text}`);
  }
  return { name, id, publicKey };
}

/** The key as text: the opposite of {@link parseVerifierKey}. */
export function formatVerifierKey({ name, id, publicKey }: VerifierKey): string {
  return `${name}+${id.toString(16).padStart(8, "0")}+${toBase64(Uint8Array.of(ED25519, ...publicKey))}`;
}

/** The key of that name. Throws ProofError `malformed_key` for a name that is none, or not 32 bytes. */
export function verifierKey(name: string, publicKey: Uint8Array): VerifierKey {
  if (!KEY_NAME.test(name) || publicKey.length !== KEY_BYTES) {
    throw new ProofError("malformed_key", `Not a key: ${publicKey.length} bytes named ${name}`);
  }
  return { name, id: keyId(name, publicKey), publicKey };
}

function keyId(name: string, publicKey: Uint8Array): number {
  const prefix = new TextEncoder().encode(`${name}\n`);
  const hash = portableHasher.bytes(Uint8Array.of(...prefix, ED25519, ...publicKey));
  return new DataView(hash.buffer, hash.byteOffset).getUint32(0);
}

export interface NoteSignature {
  name: string;
  keyId: number;
  signature: Uint8Array;
}

export interface SignedNote {
  /** What is signed; ends with a line end. */
  text: string;
  signatures: NoteSignature[];
}

/** Reads a note and believes nothing of it. Throws ProofError `malformed_note`. */
export function parseNote(note: string): SignedNote {
  const end = note.lastIndexOf("\n\n");
  // oxlint-disable-next-line no-control-regex -- the format forbids exactly these
  if (end === -1 || note.length > MAX_NOTE_CHARACTERS || /[\u0000-\u0009\u000B-\u001F]/.test(note))
    throw malformed();
  const lines = note.slice(end + 2).split("\n");
  if (lines.pop() !== "" || lines.length === 0 || lines.length > MAX_SIGNATURES || !note.isWellFormed()) {
    throw malformed();
  }
  return { text: note.slice(0, end + 1), signatures: lines.map(parseSignature) };
}

function parseSignature(line: string): NoteSignature {
  const [, name, encoded] = SIGNATURE_LINE.exec(line) ?? [];
  const bytes = fromBase64(encoded ?? "");
  if (name === undefined || !KEY_NAME.test(name) || bytes === undefined || bytes.length < 5)
    throw malformed();
  return { name, keyId: new DataView(bytes.buffer).getUint32(0), signature: bytes.slice(4) };
}

function malformed(): ProofError {
  return new ProofError("malformed_note", "This is not a signed note (https://c2sp.org/signed-note).");
}

/** A note with one Ed25519 signature over the bytes of `text`. Throws ProofError `malformed_note` for text that is none. */
export function formatNote(text: string, key: VerifierKey, signature: Uint8Array): string {
  const id = new Uint8Array(4);
  new DataView(id.buffer).setUint32(0, key.id);
  const note = `${text}\n\u2014 ${key.name} ${toBase64(Uint8Array.of(...id, ...signature))}\n`;
  if (!text.endsWith("\n") || signature.length !== SIGNATURE_BYTES || parseNote(note).text !== text)
    throw malformed();
  return note;
}

/**
 * The note, once one of the keys has signed it. Signatures of other keys are ignored, as the format asks.
 *
 * Throws ProofError: `malformed_note`, `bad_signature` when one by a known key is wrong, `unknown_key` when none is by a
 * known key. Uses the platform's WebCrypto (Node 20, current browsers, Deno, Bun): Ed25519 in JavaScript would be one
 * more library to trust for the one thing in which every platform is better.
 */
export async function verifyNote(note: string, keys: readonly VerifierKey[]): Promise<SignedNote> {
  const parsed = parseNote(note);
  let isSigned = false;
  for (const { name, keyId: id, signature } of parsed.signatures) {
    const key = keys.find((known) => known.name === name && known.id === id);
    if (key === undefined) continue;
    if (!(await isSignatureOf(key, parsed.text, signature))) {
      throw new ProofError(
        "bad_signature",
        `The signature by ${name} is not that of its key over this text.`,
      );
    }
    isSigned = true;
  }
  if (isSigned) return parsed;
  const signers = parsed.signatures.map(({ name }) => name).join(", ");
  throw new ProofError("unknown_key", `Signed by ${signers}, and by none of the known keys.`);
}

async function isSignatureOf(key: VerifierKey, text: string, signature: Uint8Array): Promise<boolean> {
  if (signature.length !== SIGNATURE_BYTES) return false;
  const { subtle } = globalThis.crypto;
  const bytes = (data: Uint8Array) => Uint8Array.from(data);
  const imported = await subtle.importKey("raw", bytes(key.publicKey), "Ed25519", false, ["verify"]);
  return subtle.verify("Ed25519", imported, bytes(signature), new TextEncoder().encode(text));
}
