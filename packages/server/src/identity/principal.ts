import type { Role } from "@holdpoint/protocol";
import type { Database } from "../database/database.ts";
import { ProblemError } from "../problem.ts";

/** Who stands behind a credential, as `identify_v1` says it. */
export interface Principal {
  orgId: string;
  kind: "agent" | "operator" | "relay" | "session";
  principalId: string;
  agentId: string | undefined;
  memberId: string | undefined;
  memberName: string | undefined;
  role: Role | undefined;
  scopes: readonly string[];
}

/** The part of a credential that never changes, so that it may be remembered. Whether it still counts may not. */
export interface CredentialOrigin {
  orgId: string;
  agentId: string | undefined;
}

interface WhoRow {
  org_id: string;
  kind: Principal["kind"];
  principal_id: string;
  agent_id: string | null;
  member_id: string | null;
  member_name: string | null;
  role: Role | null;
  scopes: string[];
}

/** Every role: whoever is a member at all. */
export const ALL_PEOPLE = ["viewer", "reviewer", "manager", "operator", "admin"] as const satisfies Role[];

const REMEMBERED_ORIGINS = 10_000;
const MOST_AT_ONCE = 500;

/** Credentials that are asked for together. */
interface Asked {
  hashes: Set<string>;
  rows: Promise<Record<string, WhoRow>>;
}

/** Asks the database who a credential is. Hot functions ask by themselves, in their own round trip. */
export class Principals {
  readonly #database: Database;
  readonly #origins = new Map<string, CredentialOrigin>();
  #asked: Asked | undefined;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Throws `unauthorized` for a credential that does not count now. One round trip. */
  async get(credentialHash: string): Promise<Principal> {
    const row = (await this.#database.callIdempotent("whoami_v1", credentialHash)) as WhoRow | null;
    if (row === null) throw unauthorized();
    return principalOf(row);
  }

  /** The same for who asks again and again: all who ask in one turn share round trips, of 500 credentials each. */
  async getAgain(credentialHash: string): Promise<Principal> {
    let asked = this.#asked;
    if (asked === undefined || asked.hashes.size >= MOST_AT_ONCE) {
      const hashes = new Set<string>();
      asked = { hashes, rows: Promise.resolve().then(() => this.#askForAll(hashes)) };
      this.#asked = asked;
    }
    asked.hashes.add(credentialHash);
    const row = (await asked.rows)[credentialHash];
    if (row === undefined) throw unauthorized();
    return principalOf(row);
  }

  async #askForAll(hashes: ReadonlySet<string>): Promise<Record<string, WhoRow>> {
    if (this.#asked?.hashes === hashes) this.#asked = undefined;
    return (await this.#database.callIdempotent("whoare_v1", [...hashes])) as Record<string, WhoRow>;
  }

  /**
   * Organisation and agent of a credential: needed for an action's hash before the hot function runs. Remembered,
   * because neither ever changes; the hot function checks the credential itself every time.
   */
  async origin(credentialHash: string): Promise<CredentialOrigin> {
    const known = this.#origins.get(credentialHash);
    if (known !== undefined) return known;
    const { orgId, agentId } = await this.get(credentialHash);
    if (this.#origins.size >= REMEMBERED_ORIGINS) {
      const oldest = this.#origins.keys().next();
      if (oldest.done !== true) this.#origins.delete(oldest.value);
    }
    this.#origins.set(credentialHash, { orgId, agentId });
    return { orgId, agentId };
  }
}

function principalOf(row: WhoRow): Principal {
  return {
    orgId: row.org_id,
    kind: row.kind,
    principalId: row.principal_id,
    agentId: row.agent_id ?? undefined,
    memberId: row.member_id ?? undefined,
    memberName: row.member_name ?? undefined,
    role: row.role ?? undefined,
    scopes: row.scopes,
  };
}

export function unauthorized(): ProblemError {
  return new ProblemError(
    "unauthorized",
    "Send a valid key as `Authorization: Bearer <key>` or `X-API-Key`, or sign in. Keys are made with `npx holdpoint keys create`.",
    { headers: { "www-authenticate": 'Bearer realm="holdpoint"' } },
  );
}

/** Throws `not_allowed` unless the principal has one of the scopes (machines) or one of the roles (people). */
export function requireRight(
  principal: Principal,
  right: { scopes: readonly string[]; roles: readonly Role[] },
): Principal {
  const isAllowed =
    principal.role === undefined
      ? right.scopes.some((scope) => principal.scopes.includes(scope))
      : right.roles.includes(principal.role);
  if (!isAllowed) {
    // What no scope gives, a machine is told as what it takes of a person.
    const isByScope = principal.role === undefined && right.scopes.length > 0;
    throw notAllowed(isByScope ? `scope ${right.scopes.join(" or ")}` : `role ${right.roles.join(" or ")}`);
  }
  return principal;
}

/** `needs` is for machines (`role admin`, `person`) and is said as a sentence to people. */
export function notAllowed(needs: string): ProblemError {
  if (needs === "another person")
    return new ProblemError(
      "not_allowed",
      "It was asked for, changed or started by you: another person decides on it.",
      { needs },
    );
  const words = needs
    .replaceAll(/\b(scope|role) /g, "the $1 ")
    .replace(/^person$/, "a person: sign in, or use an operator's key (hpo_…), for an agent's never decides");
  return new ProblemError("not_allowed", `This needs ${words}.`, { needs });
}
