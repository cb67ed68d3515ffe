import {
  conditionCompiler,
  conditionFacts,
  grantCovers,
  type Condition,
  type Evaluation,
  type GrantTerms,
  type PolicyFacts,
  type ToolFacts,
} from "@holdpoint/core";
import { STRENGTHS } from "@holdpoint/protocol";
import type { Logger } from "pino";
import type { Queries } from "../../database/database.ts";
import { renderInstant } from "../../database/instant.ts";
import type { FoundPermission, StandingPermissions } from "../ruling.ts";
import type { GrantRow } from "./grant-row.ts";

interface StandingGrant extends GrantTerms {
  id: string;
  createdByName: string;
}

interface KnownGrants {
  revision: number;
  grants: StandingGrant[];
}

export interface GrantStoreOptions {
  database: Pick<Queries, "call">;
  tools: readonly ToolFacts[];
  logger: Pick<Logger, "error">;
}

const REMEMBERED = 10_000;
/** So many permissions that turned out to be spent are enough for one action: then a person is asked. */
const MAX_SPENT = 3;

/**
 * Standing permissions by organisation, remembered under the revision that policies are.
 *
 * Owns: what this instance remembers, which only proposes. Does not own: whether a permission still stands and has enough
 * left; the database says that in the transaction of each use, and what it refuses is asked about anew.
 */
export class GrantStore implements StandingPermissions {
  readonly #options: GrantStoreOptions;
  readonly #schemas: ReadonlyMap<string, ToolFacts["argumentsSchema"]>;
  readonly #compile = conditionCompiler();
  readonly #known = new Map<string, Promise<KnownGrants>>();

  constructor(options: GrantStoreOptions) {
    this.#options = options;
    this.#schemas = new Map(options.tools.map(({ name, argumentsSchema }) => [name, argumentsSchema]));
  }

  async find(
    orgId: string,
    facts: PolicyFacts,
    evaluation: Evaluation,
    { revision, except }: { revision: number; except: ReadonlySet<string> },
  ): Promise<FoundPermission | undefined> {
    if (except.size >= MAX_SPENT) return undefined;
    const { grants } = await this.#standing(orgId, revision);
    let known: ReturnType<typeof conditionFacts> | undefined;
    const factsOf = (): ReturnType<typeof conditionFacts> =>
      (known ??= conditionFacts(
        facts,
        {
          reversibility: evaluation.reversibility ?? "irreversible",
          impact: evaluation.impact ?? "high",
        },
        this.#schemas.get(facts.action.name),
      ));
    const found = grants.find(
      (grant) => !except.has(grant.id) && grantCovers(grant, facts, evaluation, factsOf),
    );
    if (found === undefined) return undefined;
    return {
      grantId: found.id,
      reason: `${found.createdByName} has allowed this until ${found.expiresAt} (grant ${found.id}).`,
    };
  }

  used(orgId: string, row: GrantRow): void {
    const learn = ({ grants }: KnownGrants): void => {
      const grant = grants.find(({ id }) => id === row.id);
      if (grant === undefined) return;
      grant.usesLeft = row.uses_left;
      grant.budgetLeft = row.budget_left;
    };
    // What could not be loaded is loaded again by whoever needs it.
    void this.#known.get(orgId)?.then(learn, () => undefined);
  }

  spent(orgId: string): void {
    this.#known.delete(orgId);
  }

  /** At least as new as the policy: a newer one makes the database refuse what is decided by both. */
  async #standing(orgId: string, revision: number): Promise<KnownGrants> {
    const remembered = this.#known.get(orgId);
    if (remembered !== undefined) {
      const known = await remembered;
      if (known.revision >= revision) return known;
      if (this.#known.get(orgId) === remembered) this.#known.delete(orgId);
    }
    const other = this.#known.get(orgId);
    if (other !== undefined) return other;
    if (this.#known.size >= REMEMBERED) this.#known.clear();
    const loading = this.#load(orgId);
    this.#known.set(orgId, loading);
    loading.catch(() => {
      if (this.#known.get(orgId) === loading) this.#known.delete(orgId);
    });
    return loading;
  }

  async #load(orgId: string): Promise<KnownGrants> {
    const loaded = (await this.#options.database.call("load_grants_v1", orgId)) as {
      revision: number;
      grants: GrantRow[];
    };
    return { revision: loaded.revision, grants: loaded.grants.flatMap((row) => this.#termsOf(row) ?? []) };
  }

  /** Undefined for one whose condition cannot be read (any more): it covers nothing. */
  #termsOf(row: GrantRow): StandingGrant | undefined {
    let condition: Condition | undefined;
    try {
      condition = row.condition === null ? undefined : this.#compile(row.condition);
    } catch (error) {
      this.#options.logger.error(
        { err: error, grantId: row.id },
        "The condition of a grant cannot be read; it covers nothing.",
      );
      return undefined;
    }
    return {
      id: row.id,
      createdByName: row.created_by_name,
      tool: row.tool,
      condition,
      agentId: row.agent_id,
      endUserId: row.end_user_id,
      expiresAt: renderInstant(row.expires_at),
      usesLeft: row.uses_left,
      budgetLeft: row.budget_left,
      isRevoked: row.revoked_at !== null,
      route: row.route,
      quorumRequired: row.quorum_required,
      strength: STRENGTHS[row.strength] ?? "L0",
    };
  }
}
