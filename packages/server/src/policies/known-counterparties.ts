import type { Queries } from "../database/database.ts";
import type { Counterparties } from "./ruling.ts";

/** As many characters as are kept; longer ones stay new. */
const MAX_LENGTH = 500;
const REMEMBERED = 50_000;

/**
 * With whom which tool has dealt before (R106). Who is known stays known, so that is remembered; who is new is asked for
 * every time, since another instance may have got to know them meanwhile.
 */
export class KnownCounterparties implements Counterparties {
  readonly #database: Pick<Queries, "call">;
  readonly #remembered: number;
  readonly #known = new Set<string>();

  constructor(database: Pick<Queries, "call">, remembered = REMEMBERED) {
    this.#database = database;
    this.#remembered = remembered;
  }

  async isFirstTime(orgId: string, tool: string, counterparty: string): Promise<boolean> {
    if (counterparty.length > MAX_LENGTH) return true;
    const key = JSON.stringify([orgId, tool, counterparty]);
    if (this.#known.has(key)) return false;
    const isFirst = (await this.#database.call("is_first_time_v1", orgId, tool, counterparty)) !== false;
    if (!isFirst) this.#remember(key);
    return isFirst;
  }

  #remember(key: string): void {
    if (this.#known.size >= this.#remembered) {
      const oldest = this.#known.keys().next();
      if (oldest.done !== true) this.#known.delete(oldest.value);
    }
    this.#known.add(key);
  }
}
