import { compilePolicy, type CompiledPolicy, type ToolFacts } from "@holdpoint/core";
import { policySchema, type JsonObject, type Policy } from "@holdpoint/protocol";
import type { Logger } from "pino";
import type { Queries } from "../database/database.ts";
import { renderInstant } from "../database/instant.ts";
import { ProblemError } from "../problem.ts";
import { holdsEverything } from "./fail-closed.ts";
import type { KillSwitch } from "./kill-switch.ts";

/** The policy of an organisation as one instance has read it: one version, of one revision. */
export interface PolicyInForce {
  /** 0: nobody has ever given one; declarations and defaults decide alone. */
  readonly version: number;
  /** What the database compares when something is decided under this policy. */
  readonly revision: number;
  /** As it is stored; empty for version 0. */
  readonly document: JsonObject;
  readonly compiled: CompiledPolicy;
  /** What it says besides its rules: business hours, the end of the ladder, what counts as personal. */
  readonly settings: Pick<Policy, "businessHours" | "tiers"> & Partial<Pick<Policy, "detectors">>;
  /** Why it cannot be evaluated, where that is so: then everything is held (I10). */
  readonly problem: string | undefined;
  /** The version that runs beside. Without `compiled` it cannot be evaluated. */
  readonly shadow: { version: number; compiled: CompiledPolicy | undefined } | undefined;
  /** Kill-switches that stand, of the same revision. */
  readonly switches: readonly KillSwitch[];
}

interface LoadedPolicy {
  version: number;
  revision: number;
  document: JsonObject | null;
  shadowVersion?: number | null;
  shadowDocument?: JsonObject | null;
  switches?: KillSwitch[];
  now?: string;
}

export interface PolicyStoreOptions {
  database: Pick<Queries, "call">;
  /** The tools of this service, which rules are indexed by and checked against. */
  tools: readonly ToolFacts[];
  logger: Pick<Logger, "error">;
}

/** What a hot function said when the policy was another by then. */
export const OUTDATED = Symbol("the policy is outdated");
const MAX_ATTEMPTS = 5;
const REMEMBERED = 10_000;

/**
 * The policies in force, by organisation: read and compiled once, and remembered.
 *
 * Owns: what this instance remembers, which is never what decides. Does not own: which policy is in force.
 *
 *  P1. Whatever is decided is decided by the revision that the database has at that moment: it refuses any other
 *      (`policy_outdated`), and then the policy is read again. Remembering costs correctness nothing.
 *  P2. A document that cannot be read or compiled holds everything, and says so (I10).
 */
export class PolicyStore {
  readonly #options: PolicyStoreOptions;
  readonly #known = new Map<string, Promise<PolicyInForce>>();
  #clockOffsetMs = 0;

  constructor(options: PolicyStoreOptions) {
    this.#options = options;
  }

  get tools(): readonly ToolFacts[] {
    return this.#options.tools;
  }

  /** One round trip the first time and after a change, none otherwise. */
  async get(orgId: string): Promise<PolicyInForce> {
    const known = this.#known.get(orgId);
    if (known !== undefined) return known;
    if (this.#known.size >= REMEMBERED) this.#known.clear();
    const loading = this.#load(orgId);
    this.#known.set(orgId, loading);
    loading.catch(() => {
      if (this.#known.get(orgId) === loading) this.#known.delete(orgId);
    });
    return loading;
  }

  /** Reads again at the next `get`, if what is remembered is still this revision. */
  async forget(orgId: string, revision: number): Promise<void> {
    const known = this.#known.get(orgId);
    if (known === undefined) return;
    const isStale = await known.then(
      (policy) => policy.revision === revision,
      () => true,
    );
    if (isStale && this.#known.get(orgId) === known) this.#known.delete(orgId);
  }

  /**
   * Does `work` under the policy in force; when that answers {@link OUTDATED}, again under the newer one. Throws
   * `unavailable` (to be retried) when it changes at every try.
   */
  async under<T>(orgId: string, work: (policy: PolicyInForce) => Promise<T | typeof OUTDATED>): Promise<T> {
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
      const policy = await this.get(orgId);
      const result = await work(policy);
      if (result !== OUTDATED) return result;
      await this.forget(orgId, policy.revision);
    }
    throw new ProblemError(
      "unavailable",
      "The policy was changed several times while this was evaluated. Nothing was done; send it again.",
    );
  }

  /** The database's time as this instance knows it without asking: good for conditions, never for deadlines. */
  now(): string {
    return new Date(Date.now() + this.#clockOffsetMs).toISOString();
  }

  async #load(orgId: string): Promise<PolicyInForce> {
    const loaded = (await this.#options.database.call("load_policy_v1", orgId)) as LoadedPolicy;
    if (loaded.now !== undefined) this.#clockOffsetMs = Date.parse(renderInstant(loaded.now)) - Date.now();
    return {
      version: loaded.version,
      revision: loaded.revision,
      document: loaded.document ?? {},
      ...this.#compile(loaded, orgId),
      shadow: this.#compileShadow(loaded, orgId),
      switches: loaded.switches ?? [],
    };
  }

  #compile(
    { version, document }: LoadedPolicy,
    orgId: string,
  ): Pick<PolicyInForce, "compiled" | "settings" | "problem"> {
    try {
      if (version > 0 && document === null) throw new Error("its document is gone");
      return { ...this.compileDraft(parseStored(document ?? {})), problem: undefined };
    } catch (error) {
      const problem = `The policy (version ${version}) cannot be evaluated: ${messageOf(error)}.`;
      this.#options.logger.error({ err: error, orgId }, `${problem} Everything is held until it is mended.`);
      const { compiled, settings } = this.compileDraft(policySchema.parse({}));
      return { compiled: holdsEverything(compiled, problem), settings, problem };
    }
  }

  /** A policy that is in force nowhere, ready to be asked. */
  compileDraft(policy: Policy): Pick<PolicyInForce, "compiled" | "settings"> {
    return { compiled: compilePolicy(policy, this.#options.tools), settings: policy };
  }

  #compileShadow(loaded: LoadedPolicy, orgId: string): PolicyInForce["shadow"] {
    if (loaded.shadowVersion == null) return undefined;
    const version = loaded.shadowVersion;
    try {
      return {
        version,
        compiled: compilePolicy(parseStored(loaded.shadowDocument ?? null), this.#options.tools),
      };
    } catch (error) {
      this.#options.logger.error(
        { err: error, orgId, version },
        "The policy that runs beside cannot be evaluated; nothing else depends on it.",
      );
      return { version, compiled: undefined };
    }
  }
}

/** A stored document was checked when it came; another version of the service may have written it. */
function parseStored(document: JsonObject | null): Policy {
  const parsed = policySchema.safeParse(document);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error(`${issue?.path.join(".") ?? ""} ${issue?.message ?? "it does not fit its schema"}`.trim());
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\.$/, "");
}
