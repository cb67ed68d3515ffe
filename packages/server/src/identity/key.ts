import { createId, type ApiKey, type CreateKey } from "@holdpoint/protocol";
import type { Database } from "../database/database.ts";
import { renderInstant, renderInstantOrNull } from "../database/instant.ts";
import { hashCredential, randomToken, renderKey, repeatableToken } from "./credential.ts";
import { idempotencyColumns, type Idempotency } from "./idempotency.ts";
import { parseCursor, toPage, type Page, type PageOptions } from "./page.ts";
import { assertDone, refusal, type Answer } from "./refusal.ts";
import type { Secret } from "./secret.ts";

type KeyKind = CreateKey["kind"];
type Scope = NonNullable<CreateKey["scopes"]>[number];

const SECONDS_PER_DAY = 86_400;
const TASK = "manage API keys";

/** What a key of a kind gets, and what it may be given. An operator key may what its member may; no key of an agent decides (I9). */
const SCOPES_OF = {
  agent: {
    given: ["holds:create", "runs:*"],
    // End users are given only when asked for: whoever may make their tokens can speak for them, and an agent that could
    // would answer its own questions (I9). They are for the app's backend.
    offered: [
      "holds:create",
      "holds:read",
      "runs:*",
      "runs:read",
      "audit:read",
      "end_users:read",
      "end_users:write",
      "end_users:tokens",
    ],
  },
  operator: { given: [], offered: [] },
  relay: { given: ["decisions:relay"], offered: ["decisions:relay", "holds:create", "holds:read"] },
} as const satisfies Record<KeyKind, { given: readonly Scope[]; offered: readonly Scope[] }>;

/** A new key: the only time that `key` is told. */
export type CreatedKey = ApiKey & { key: string };

/** A row of holdpoint.api_keys as JSON. */
export interface KeyRow {
  id: string;
  name: string;
  kind: KeyKind;
  agent_id: string | null;
  member_id: string | null;
  scopes: string[];
  created_at: string;
  expires_at: string | null;
  revoked_at: string | null;
  last_used_at: string | null;
}

/** API keys, for whoever holds an admin's credential. */
export class Keys {
  readonly #database: Database;
  readonly #secret: Secret;

  constructor(database: Database, secret: Secret) {
    this.#database = database;
    this.#secret = secret;
  }

  /**
   * Makes a key and tells it, once; repeated with the same idempotency it tells the same key again. An operator key is its
   * maker's own. Throws HoldpointError `unauthorized`, `not_allowed`, `invalid_request` for a scope that the kind may not
   * have, `idempotency_mismatch`.
   */
  async createKey(credentialHash: string, input: CreateKey, idempotency?: Idempotency): Promise<CreatedKey> {
    assertScopes(input);
    const token = idempotency
      ? repeatableToken(this.#secret, "key", credentialHash, idempotency.key)
      : randomToken();
    const key = renderKey(input.kind, token);
    const answer = (await this.#database.callIdempotent("create_key_v1", {
      credentialHash,
      id: createId("key"),
      hash: hashCredential(key),
      kind: input.kind,
      name: input.name,
      agentId: input.agentId ?? null,
      scopes: input.scopes ?? SCOPES_OF[input.kind].given,
      expiresInSeconds: input.expiresInDays === undefined ? null : input.expiresInDays * SECONDS_PER_DAY,
      ...idempotencyColumns(credentialHash, idempotency),
    })) as Answer & { key: KeyRow };
    assertDone(answer, { task: TASK });
    return { ...renderKeyRow(answer.key), key };
  }

  /** Newest first, revoked ones too. Throws HoldpointError `unauthorized`, `not_allowed`, `invalid_request` for a strange cursor. */
  async listKeys(credentialHash: string, { limit, cursor }: PageOptions): Promise<Page<ApiKey>> {
    const answer = (await this.#database.callIdempotent("list_keys_v1", {
      credentialHash,
      afterId: cursor === undefined ? null : parseCursor("key", cursor),
      limit,
    })) as Answer & { page: KeyRow[] };
    assertDone(answer, { task: TASK });
    return toPage(answer.page.map(renderKeyRow), limit);
  }

  /** From the next request on the key is nobody's. Throws HoldpointError `unauthorized`, `not_allowed`, `not_found`. */
  async revokeKey(credentialHash: string, id: string): Promise<ApiKey> {
    const answer = (await this.#database.callIdempotent("revoke_key_v1", {
      credentialHash,
      id,
    })) as Answer & {
      key: KeyRow;
    };
    assertDone(answer, { task: TASK, notFound: `There is no API key ${id}.` });
    return renderKeyRow(answer.key);
  }
}

function assertScopes({ kind, scopes = [] }: CreateKey): void {
  const offered: readonly Scope[] = SCOPES_OF[kind].offered;
  const refused = scopes.filter((scope) => !offered.includes(scope));
  if (refused.length === 0) return;
  const words = offered.length === 0 ? "it may do what its member may" : `it may have ${offered.join(", ")}`;
  const message = `A key of kind ${kind} cannot have the scope ${refused.join(", ")}; ${words}.`;
  throw refusal("invalid_request", message, { errors: [{ path: "scopes", message }] });
}

export function renderKeyRow(row: KeyRow): ApiKey {
  return {
    id: row.id,
    name: row.name,
    kind: row.kind,
    agentId: row.agent_id,
    memberId: row.member_id,
    scopes: row.scopes,
    createdAt: renderInstant(row.created_at),
    expiresAt: renderInstantOrNull(row.expires_at),
    revokedAt: renderInstantOrNull(row.revoked_at),
    lastUsedAt: renderInstantOrNull(row.last_used_at),
  };
}
