import type { Database } from "../../src/database/database.ts";
import { hashCredential } from "../../src/identity/credential.ts";
import type { FirstAdmin } from "../../src/identity/first-admin.ts";
import { createIdentity, type Identity, type IdentityOptions } from "../../src/identity/identity.ts";
import type { Member } from "../../src/identity/member.ts";
import { Secret } from "../../src/identity/secret.ts";
import { silentLogger } from "../../src/testing/silent-logger.ts";

export const PUBLIC_URL = "http://localhost:7777";
export const SECRET = new Secret("a secret of these tests, long enough");

export interface Fixture {
  identity: Identity;
  first: FirstAdmin;
  adminHash: string;
  database: Database;
}

/** An identity over a store, with its first admin. */
export async function openIdentity(
  database: Database,
  options: Partial<IdentityOptions> = {},
): Promise<Fixture> {
  const identity = createIdentity({
    database,
    secret: SECRET,
    publicUrl: PUBLIC_URL,
    port: 7777,
    logger: silentLogger,
    ...options,
  });
  const first = await identity.ensureFirstAdmin();
  return { identity, first, adminHash: hashCredential(first.localKey), database };
}

export function get(path: string, headers: Record<string, string> = {}): Request {
  return new Request(PUBLIC_URL + path, { headers: { host: "localhost:7777", ...headers } });
}

/** A request as a page of the service's own sends it. */
export function post(path: string, headers: Record<string, string> = {}, body?: string): Request {
  return new Request(PUBLIC_URL + path, {
    method: "POST",
    headers: { host: "localhost:7777", origin: PUBLIC_URL, "sec-fetch-site": "same-origin", ...headers },
    ...(body !== undefined && { body }),
  });
}

export function cookieOf(response: Response): string {
  return (response.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
}

/** Signs in by a link and gives the `Cookie` header. */
export async function signIn(identity: Identity, url: string): Promise<string> {
  const response = await identity.signIn.answerSignIn(post(new URL(url).pathname));
  if (response.status !== 303) throw new Error(`Not signed in: ${response.status}`);
  return cookieOf(response);
}

/** Who the database says that this request comes from. */
export async function whoIs(
  { identity, database }: Pick<Fixture, "identity" | "database">,
  headers: Record<string, string>,
): Promise<{ member_id: string | null; kind: string; role: string | null } | null> {
  const credential = identity.credentialOf(get("/v1/holds", headers));
  if (credential === undefined) return null;
  return (await database.call("whoami_v1", credential.hash)) as Awaited<ReturnType<typeof whoIs>>;
}

let people = 0;

/** Adds somebody nobody has met yet. */
export async function addPerson(
  { identity, adminHash }: Fixture,
  role: Member["role"],
): Promise<{ member: Member; url: string }> {
  const email = `person-${++people}@example.com`;
  const { member, signInLink } = await identity.members.addMember(adminHash, {
    email,
    name: `Person ${people}`,
    role,
  });
  return { member, url: signInLink.url };
}

/** An operator key of a member's own, made with a session of theirs; the member must be an admin. */
export async function operatorKeyOf(
  { identity }: Fixture,
  cookie: string,
): Promise<{ id: string; key: string }> {
  const credential = identity.credentialOf(post("/v1/api-keys", { cookie }));
  return identity.keys.createKey(credential?.hash ?? "", { name: "mine", kind: "operator" });
}
