import type { Database } from "../database/database.ts";
import type { DefinedAgent } from "./agent.ts";
import type { Registry } from "./registry.ts";
import { defineStoredAgent, type StoredAgentRow } from "./stored-agent.ts";

/**
 * The agents of an organisation: those of the config, which are everybody's, and those that were made over the API. Nothing is
 * remembered of the latter, so that every instance sees at once what another has made or taken away.
 */
export class AgentDirectory {
  readonly #database: Pick<Database, "callIdempotent">;
  readonly #registry: Registry;

  constructor(database: Pick<Database, "callIdempotent">, registry: Registry) {
    this.#database = database;
    this.#registry = registry;
  }

  /** No round trip for an agent of the config, one for any other. */
  async find(orgId: string, id: string): Promise<DefinedAgent | undefined> {
    return this.#registry.findAgent(id) ?? this.#findStored(orgId, id);
  }

  /** The same where the organisation is not known yet: it is asked for only where it matters. */
  async findFor(origin: () => Promise<{ orgId: string }>, id: string): Promise<DefinedAgent | undefined> {
    const known = this.#registry.findAgent(id);
    return known ?? this.#findStored((await origin()).orgId, id);
  }

  /** Whether it was made over the API: where the config has one of the same id, that one counts. */
  isStored(agent: DefinedAgent): boolean {
    return this.#registry.findAgent(agent.id) !== agent;
  }

  /** What people call it; an agent that lives elsewhere has its id alone. */
  async nameOf(orgId: string, id: string): Promise<string> {
    return this.#registry.findAgent(id)?.name ?? (await this.#rowOf(orgId, id))?.name ?? id;
  }

  /** The same for those of a list, by their ids: one round trip for each that the config has not. */
  async namesOf(orgId: string, ids: Iterable<string>): Promise<ReadonlyMap<string, string>> {
    const names = [...new Set(ids)].map(async (id) => [id, await this.nameOf(orgId, id)] as const);
    return new Map(await Promise.all(names));
  }

  async #findStored(orgId: string, id: string): Promise<DefinedAgent | undefined> {
    const row = await this.#rowOf(orgId, id);
    return row === null ? undefined : defineStoredAgent(row, this.#registry);
  }

  async #rowOf(orgId: string, id: string): Promise<StoredAgentRow | null> {
    return (await this.#database.callIdempotent("find_agent_v1", orgId, id)) as StoredAgentRow | null;
  }
}
