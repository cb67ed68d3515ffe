import { createId } from "@holdpoint/protocol";
import type { Database } from "../database/database.ts";
import { hashCredential, renderKey } from "./credential.ts";
import type { KeyRow } from "./key.ts";
import { renderMember, type Member, type MemberRow } from "./member.ts";
import { configurationError } from "./refusal.ts";
import type { Secret } from "./secret.ts";

const MIN_KEY_LENGTH = 16;
/** What a header can carry unchanged. */
const KEY_TEXT = /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/;

export interface FirstAdminOptions {
  /** Name of the organisation, when it is made. Default "default". */
  organisation?: string | undefined;
  /** Default `admin@localhost`. */
  email?: string | undefined;
  /** Default "Admin". */
  name?: string | undefined;
  /** The value of HOLDPOINT_API_KEY: the first admin's operator key. */
  environmentKey?: string | undefined;
}

export interface FirstAdmin {
  orgId: string;
  admin: Member;
  /** True when this call made the admin. */
  isNew: boolean;
  /** An operator key of the admin, for `local.json`. The same at every start, until somebody revokes it. */
  localKey: string;
  /** An agent key for the examples, likewise. */
  exampleKey: string;
  /** What the person who starts the service should be told. */
  warnings: string[];
}

type Registration = {
  source: "local" | "example" | "environment";
  kind: "operator" | "agent";
  name: string;
  scopes: string[];
};
type Registered = { code: "ok" | "revoked" | "in_use"; key: KeyRow };

const LOCAL_KEY: Registration = { source: "local", kind: "operator", name: "local command line", scopes: [] };
const EXAMPLE_KEY: Registration = {
  source: "example",
  kind: "agent",
  name: "examples",
  scopes: ["holds:create", "runs:*", "audit:read"],
};
const ENVIRONMENT_KEY: Registration = {
  source: "environment",
  kind: "operator",
  name: "HOLDPOINT_API_KEY",
  scopes: [],
};

/**
 * Makes sure that there is an organisation, an admin in it, and the keys that the service itself hands out. Repeating it,
 * by any number of instances, makes nothing twice. Throws HoldpointError `invalid_configuration` for a HOLDPOINT_API_KEY
 * that cannot be one.
 */
export async function ensureFirstAdmin(
  database: Database,
  secret: Secret,
  options: FirstAdminOptions = {},
): Promise<FirstAdmin> {
  const environmentKey = options.environmentKey || undefined;
  if (environmentKey !== undefined) assertKeyText(environmentKey);
  const { orgId, member, isNew } = (await database.callIdempotent("ensure_first_admin_v1", {
    orgId: createId("org"),
    orgName: options.organisation ?? "default",
    memberId: createId("mem"),
    userId: crypto.randomUUID(),
    email: (options.email ?? "admin@localhost").trim().toLowerCase(),
    name: options.name ?? "Admin",
  })) as { orgId: string; member: MemberRow; isNew: boolean };
  const registrar = new Registrar(database, secret, orgId, member.id);
  return {
    orgId,
    admin: renderMember(member),
    isNew,
    localKey: await registrar.derived(LOCAL_KEY),
    exampleKey: await registrar.derived(EXAMPLE_KEY),
    warnings: environmentKey === undefined ? [] : await registrar.environment(environmentKey),
  };
}

/** Registers keys under one organisation and admin. Owns nothing but their names. */
class Registrar {
  readonly #database: Database;
  readonly #secret: Secret;
  readonly #orgId: string;
  readonly #memberId: string;

  constructor(database: Database, secret: Secret, orgId: string, memberId: string) {
    this.#database = database;
    this.#secret = secret;
    this.#orgId = orgId;
    this.#memberId = memberId;
  }

  /** A key made from the secret, so that no file must survive for it to be known again; the next one when it was revoked. */
  async derived(registration: Registration): Promise<string> {
    for (let generation = 0; ; generation++) {
      const name = `${registration.source}/${this.#orgId}/${generation}`;
      const key = renderKey(
        registration.kind,
        this.#secret.derive("repeatable-credential", name).toString("base64url"),
      );
      if ((await this.#register(registration, key)).code !== "revoked") return key;
    }
  }

  async environment(key: string): Promise<string[]> {
    const { code, key: row } = await this.#register(ENVIRONMENT_KEY, key);
    switch (code) {
      case "ok":
        return [];
      case "revoked":
        return [`HOLDPOINT_API_KEY (${row.id}) was revoked and stays so. Set another one.`];
      case "in_use":
        return [
          `HOLDPOINT_API_KEY is the ${row.kind} key ${row.id} ("${row.name}") and stays that: no operator key was made of it.`,
        ];
      default:
        code satisfies never;
        throw new TypeError(`Unknown answer of the database: ${String(code)}`);
    }
  }

  async #register(registration: Registration, key: string): Promise<Registered> {
    return (await this.#database.callIdempotent("register_key_v1", {
      orgId: this.#orgId,
      source: registration.source,
      id: createId("key"),
      hash: hashCredential(key),
      kind: registration.kind,
      name: registration.name,
      memberId: registration.kind === "operator" ? this.#memberId : null,
      agentId: null,
      scopes: registration.scopes,
    })) as Registered;
  }
}

function assertKeyText(key: string): void {
  if (key.length < MIN_KEY_LENGTH) {
    throw configurationError(
      `HOLDPOINT_API_KEY has ${key.length} characters; it needs at least ${MIN_KEY_LENGTH}. ` +
        "Make one with: openssl rand -base64 33",
    );
  }
  if (!KEY_TEXT.test(key)) {
    throw configurationError(
      "HOLDPOINT_API_KEY has characters that a header cannot carry: only printable ASCII, no spaces at its ends.",
    );
  }
}
