import { hashCredential } from "./credential.ts";

/** `Idempotency-Key` of a request, and a hash of its body. */
export interface Idempotency {
  key: string;
  bodyHash: string;
}

/** The body's hash is bound to who sent it: the key that a repeated request would tell is made from that. */
export function idempotencyColumns(
  credentialHash: string,
  idempotency: Idempotency | undefined,
): { idempotencyKey: string | null; bodyHash: string | null } {
  return {
    idempotencyKey: idempotency?.key ?? null,
    bodyHash: idempotency ? hashCredential(JSON.stringify([credentialHash, idempotency.bodyHash])) : null,
  };
}
