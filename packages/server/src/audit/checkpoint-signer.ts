import { createPrivateKey, createPublicKey, sign, type KeyObject } from "node:crypto";
import {
  formatCheckpoint,
  formatNote,
  formatVerifierKey,
  logOrigin,
  verifierKey,
  type VerifierKey,
} from "@holdpoint/protocol";
import type { Secret } from "../identity/secret.ts";

/** RFC 8410: what comes before the 32 bytes of an Ed25519 key in PKCS #8. */
const PKCS8_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");
const REMEMBERED_KEYS = 1_000;

/** A checkpoint as a signed note, and whose signature that is. */
export interface SignedCheckpoint {
  note: string;
  /** The verifier key as text. */
  key: string;
}

/** Signs checkpoints with an Ed25519 key per organisation, made from the secret: every instance has the same. */
export class CheckpointSigner {
  readonly #secret: Secret;
  readonly #keys = new Map<string, { privateKey: KeyObject; verifier: VerifierKey }>();

  constructor(secret: Secret) {
    this.#secret = secret;
  }

  /** The key that verifies, as text: `holdpoint/<organisation>+<id>+<key>`. */
  verifierKeyOf(orgId: string): string {
    return formatVerifierKey(this.#key(orgId).verifier);
  }

  /** That the tree fits the checkpoints before it is the caller's to make sure of. */
  sign(orgId: string, size: number, root: Uint8Array): SignedCheckpoint {
    const { privateKey, verifier } = this.#key(orgId);
    const text = formatCheckpoint({ origin: logOrigin(orgId), size, root });
    const note = formatNote(text, verifier, sign(null, Buffer.from(text), privateKey));
    return { note, key: formatVerifierKey(verifier) };
  }

  #key(orgId: string): { privateKey: KeyObject; verifier: VerifierKey } {
    const known = this.#keys.get(orgId);
    if (known !== undefined) return known;
    if (this.#keys.size >= REMEMBERED_KEYS) this.#keys.clear();
    const privateKey = createPrivateKey({
      key: Buffer.concat([PKCS8_PREFIX, this.#secret.derive("audit-signing", orgId)]),
      format: "der",
      type: "pkcs8",
    });
    const { x = "" } = createPublicKey(privateKey).export({ format: "jwk" });
    const verifier = verifierKey(logOrigin(orgId), new Uint8Array(Buffer.from(x, "base64url")));
    const key = { privateKey, verifier };
    this.#keys.set(orgId, key);
    return key;
  }
}
