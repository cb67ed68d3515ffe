import type { Database, DatabaseLogger } from "../database/database.ts";
import { Auth } from "./auth.ts";
import { ClaimSigner } from "./claim-signer.ts";
import { credentialOf, type Credential } from "./credential.ts";
import { ensureFirstAdmin, type FirstAdmin, type FirstAdminOptions } from "./first-admin.ts";
import { HostCheck, type CheckedRequest } from "./host-check.ts";
import { Keys } from "./key.ts";
import { LastUse } from "./last-use.ts";
import { Members } from "./member.ts";
import type { Secret } from "./secret.ts";
import { SessionCookie } from "./session-cookie.ts";
import { SignIn } from "./sign-in.ts";
import { SignInLinks } from "./sign-in-link.ts";
import { StreamTickets } from "./stream-ticket.ts";

export interface IdentityOptions {
  database: Database;
  secret: Secret;
  /** Where people reach the service: HOLDPOINT_PUBLIC_URL, or the address that is printed. */
  publicUrl: string;
  /** See `HostCheckOptions.port`. */
  port?: number | undefined;
  /** See `HostCheckOptions.allowedHosts`. */
  allowedHosts?: readonly string[] | undefined;
  logger: DatabaseLogger;
}

/**
 * Who is it: keys, people, sessions, and the signing of claims. Requests are authenticated in the database, by the hash
 * that `credentialOf` gives; nothing here is asked on their way.
 */
export interface Identity {
  readonly hostCheck: HostCheck;
  readonly keys: Keys;
  readonly members: Members;
  readonly links: SignInLinks;
  readonly claims: ClaimSigner;
  readonly signIn: SignIn;
  readonly auth: Auth;
  readonly lastUse: LastUse;
  readonly tickets: StreamTickets;
  /** See `credentialOf` in credential.ts. */
  credentialOf(request: CheckedRequest): Credential | undefined;
  /** See `ensureFirstAdmin` in first-admin.ts. */
  ensureFirstAdmin(options?: FirstAdminOptions): Promise<FirstAdmin>;
  /** Writes what is still to be written. */
  close(): Promise<void>;
}

/** Puts the parts together; starts one timer (`lastUse`), asks nothing of the database. */
export function createIdentity({
  database,
  secret,
  publicUrl,
  port,
  allowedHosts,
  logger,
}: IdentityOptions): Identity {
  const hostCheck = new HostCheck({ publicUrl, port, allowedHosts });
  const cookie = new SessionCookie({ secret, isHttps: publicUrl.startsWith("https:") });
  const links = new SignInLinks(database, secret, publicUrl);
  const lastUse = new LastUse(database, logger);
  return {
    hostCheck,
    keys: new Keys(database, secret),
    members: new Members(database, links),
    links,
    claims: new ClaimSigner(secret, publicUrl),
    signIn: new SignIn({ database, links, cookie, hostCheck }),
    auth: new Auth({ database, cookie, hostCheck, publicUrl, logger }),
    lastUse,
    tickets: new StreamTickets(secret),
    credentialOf: (request) => credentialOf(request, cookie, hostCheck),
    ensureFirstAdmin: (options) => ensureFirstAdmin(database, secret, options),
    close: () => lastUse.close(),
  };
}
