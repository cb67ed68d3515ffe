import { createId, type Id, type IdPrefix } from "@holdpoint/protocol";

/**
 * Makes ids that sort in the order in which they are asked for. Ids made in one millisecond have no order otherwise,
 * and what is committed together (the holds of a turn, the events of a commit) should read in its own order.
 */
export class IncreasingIds {
  #last = "";

  next<Prefix extends IdPrefix>(prefix: Prefix): Id<Prefix> {
    for (;;) {
      const id = createId(prefix);
      if (id.slice(-26) <= this.#last) continue; // at worst until the next millisecond
      this.#last = id.slice(-26);
      return id;
    }
  }
}
