import { createLocalJWKSet, decodeProtectedHeader, jwtVerify, SignJWT, UnsecuredJWT } from "jose";
import { expect, test } from "vitest";
import { ClaimSigner, type ClaimPayload } from "../../src/identity/claim-signer.ts";
import { Secret } from "../../src/identity/secret.ts";
import { PUBLIC_URL, SECRET } from "./identity-fixture.ts";

const signer = new ClaimSigner(SECRET, PUBLIC_URL);
const issuedAt = "2026-08-01T12:00:00.000000Z";
const claim: ClaimPayload = {
  claimId: "clm_1",
  orgId: "org_1",
  holdId: "hold_1",
  actionHash: `sha256:${"a".repeat(64)}`,
  runId: null,
  audience: "data_manager",
  issuedAt,
  expiresAt: "2026-08-01T12:04:00.000000Z",
};
const soon = new Date("2026-08-01T12:03:59Z");
const at = { audience: "data_manager", orgId: "org_1", now: soon };
const refused = { code: "unauthorized", status: 401 };

test("a claim says what may be executed, by whom, until when; any instance reads it", async () => {
  const token = await signer.signClaim(claim);
  const sameSecret = new ClaimSigner(SECRET, PUBLIC_URL);
  expect(await sameSecret.verifyClaim(token, at)).toEqual({
    ...claim,
    issuedAt: "2026-08-01T12:00:00.000Z",
    expiresAt: "2026-08-01T12:04:00.000Z",
  });
});

test("an agent elsewhere verifies it with the public key alone", async () => {
  const jwks = await signer.jwks();
  expect(JSON.stringify(jwks)).not.toContain('"d"');
  const token = await signer.signClaim(claim);
  const { payload } = await jwtVerify(token, createLocalJWKSet(jwks), {
    audience: "data_manager",
    currentDate: soon,
  });
  expect(payload).toMatchObject({ jti: "clm_1", iss: PUBLIC_URL, action: claim.actionHash });
  expect(decodeProtectedHeader(token)).toMatchObject({ alg: "EdDSA", kid: jwks.keys[0]?.kid });
});

test("it lives 5 minutes at most, whatever is asked", async () => {
  const token = await signer.signClaim({ ...claim, expiresAt: "2026-08-02T12:00:00.000000Z" });
  await expect(
    signer.verifyClaim(token, { ...at, now: new Date("2026-08-01T12:04:59Z") }),
  ).resolves.toBeDefined();
  await expect(
    signer.verifyClaim(token, { ...at, now: new Date("2026-08-01T12:05:00Z") }),
  ).rejects.toMatchObject(refused);
});

test("forged, foreign, expired and over-long ones are refused", async () => {
  const token = await signer.signClaim(claim);
  const [header, payload, signature] = token.split(".") as [string, string, string];
  const altered = Buffer.from(
    Buffer.from(payload, "base64url").toString().replace("hold_1", "hold_2"),
  ).toString("base64url");
  const flipped = (signature.startsWith("A") ? "B" : "A") + signature.slice(1);
  const other = new ClaimSigner(new Secret("o".repeat(32)), PUBLIC_URL);
  const key = SECRET.derive("claim-signing");
  const base = { org: "org_1", action: claim.actionHash };
  const hmac = await new SignJWT(base)
    .setProtectedHeader({ alg: "HS256", typ: "holdpoint-claim+jwt" })
    .setIssuer(PUBLIC_URL)
    .setAudience("data_manager")
    .setJti("clm_1")
    .setIssuedAt(new Date(issuedAt))
    .setExpirationTime("4m")
    .sign(key);
  const unsigned = new UnsecuredJWT(base).setIssuer(PUBLIC_URL).setAudience("data_manager").encode();
  for (const forged of [
    `${header}.${altered}.${signature}`,
    `${header}.${payload}.${flipped}`,
    `${header}.${payload}.`,
    await other.signClaim(claim),
    await new ClaimSigner(SECRET, "http://elsewhere:1").signClaim(claim),
    hmac,
    unsigned,
    "",
    "not a token",
  ]) {
    await expect(signer.verifyClaim(forged, at)).rejects.toMatchObject(refused);
  }
  await expect(signer.verifyClaim(token, { ...at, audience: "another_agent" })).rejects.toMatchObject(
    refused,
  );
  await expect(signer.verifyClaim(token, { ...at, orgId: "org_2" })).rejects.toMatchObject(refused);
  await expect(
    signer.verifyClaim(token, { ...at, now: new Date("2026-08-01T12:04:00Z") }),
  ).rejects.toMatchObject(refused);
});
