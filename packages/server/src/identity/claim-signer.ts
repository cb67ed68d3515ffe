import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { calculateJwkThumbprint, jwtVerify, SignJWT, type JWK } from "jose";
import { isSha256 } from "@holdpoint/protocol";
import { refusal } from "./refusal.ts";
import type { Secret } from "./secret.ts";

const ALGORITHM = "EdDSA";
const TYPE = "holdpoint-claim+jwt";
/** RFC 8410: what comes before the 32 bytes of an Ed25519 key in PKCS #8. */
const PKCS8_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");

/** A claim lives at most this long, whatever its row says. */
export const MAX_CLAIM_SECONDS = 300;

/** The right to execute one approved action once (I1), as it is signed. */
export interface ClaimPayload {
  /** The id of the claim's row; `jti` of the token. Redeeming it once is the database's business. */
  claimId: string;
  orgId: string;
  holdId: string | null;
  actionHash: string;
  runId: string | null;
  /** Who may use it: the principal that asked (agent, member or key id). */
  audience: string;
  /** Instants of the database, whose clock decides. */
  issuedAt: string;
  expiresAt: string;
}

export interface VerifyClaimOptions {
  audience: string;
  orgId: string;
  /** Default this machine's clock. */
  now?: Date;
}

/** Signs claims with an Ed25519 key made from the secret, so that any instance signs and verifies alike. */
export class ClaimSigner {
  readonly #issuer: string;
  readonly #privateKey: KeyObject;
  readonly #publicKey: KeyObject;
  #keyId: Promise<string> | undefined;

  constructor(secret: Secret, issuer: string) {
    this.#issuer = issuer;
    this.#privateKey = createPrivateKey({
      key: Buffer.concat([PKCS8_PREFIX, secret.derive("claim-signing")]),
      format: "der",
      type: "pkcs8",
    });
    this.#publicKey = createPublicKey(this.#privateKey);
  }

  /** A signed JWT (RFC 7519, RFC 8037). It ends when its row does, but never later than 5 minutes after it was issued. */
  async signClaim(claim: ClaimPayload): Promise<string> {
    const issuedAt = unixSeconds(claim.issuedAt);
    const expiresAt = Math.min(unixSeconds(claim.expiresAt), issuedAt + MAX_CLAIM_SECONDS);
    return new SignJWT({
      org: claim.orgId,
      hold: claim.holdId,
      action: claim.actionHash,
      run: claim.runId,
    })
      .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid: await this.#kid() })
      .setIssuer(this.#issuer)
      .setAudience(claim.audience)
      .setJti(claim.claimId)
      .setIssuedAt(issuedAt)
      .setExpirationTime(expiresAt)
      .sign(this.#privateKey);
  }

  /**
   * The claim in a token of ours, for this audience and organisation. Whether it was redeemed before is not asked here.
   * Throws HoldpointError `unauthorized` for a forged, foreign, expired or over-long one.
   */
  async verifyClaim(token: string, { audience, orgId, now }: VerifyClaimOptions): Promise<ClaimPayload> {
    const { payload } = await jwtVerify(token, this.#publicKey, {
      algorithms: [ALGORITHM],
      typ: TYPE,
      issuer: this.#issuer,
      audience,
      requiredClaims: ["jti", "iat", "exp"],
      ...(now && { currentDate: now }),
    }).catch((error: unknown) => {
      throw refusal(
        "unauthorized",
        `This claim is not valid: ${error instanceof Error ? error.message : "unreadable"}.`,
      );
    });
    const { jti = "", iat = 0, exp = 0, org, hold, action, run } = payload;
    if (exp - iat > MAX_CLAIM_SECONDS || org !== orgId || typeof action !== "string" || !isSha256(action)) {
      throw refusal("unauthorized", "This claim is not valid here.");
    }
    return {
      claimId: jti,
      orgId,
      holdId: typeof hold === "string" ? hold : null,
      actionHash: action,
      runId: typeof run === "string" ? run : null,
      audience,
      issuedAt: new Date(iat * 1_000).toISOString(),
      expiresAt: new Date(exp * 1_000).toISOString(),
    };
  }

  /** The public key as a JWK Set (RFC 7517), so that an agent elsewhere verifies claims by itself. */
  async jwks(): Promise<{ keys: JWK[] }> {
    return { keys: [{ ...this.#jwk(), kid: await this.#kid(), alg: ALGORITHM, use: "sig" }] };
  }

  #jwk(): JWK {
    return this.#publicKey.export({ format: "jwk" });
  }

  #kid(): Promise<string> {
    this.#keyId ??= calculateJwkThumbprint(this.#jwk());
    return this.#keyId;
  }
}

function unixSeconds(instant: string): number {
  const time = Date.parse(instant);
  if (Number.isNaN(time)) throw new RangeError(`Not an instant: ${JSON.stringify(instant)}.`);
  return Math.floor(time / 1_000);
}
