import MiniSearch from "minisearch";
import type { PassageRecord } from "./passage-record.ts";
import { termsOf } from "./terms.ts";

/** Finds passages, best first, at most `limit`. */
export interface PassageSearch {
  find(query: string, limit: number): PassageRecord[];
}

/** Reads all passages once; a query then takes about a millisecond. */
export function createPassageSearch(records: readonly PassageRecord[]): PassageSearch {
  const byId = new Map(records.map((record) => [record.id, record]));
  const index = new MiniSearch<PassageRecord>({
    fields: ["page", "heading", "text"],
    tokenize: termsOf,
    searchOptions: {
      // What is typed is looked for whole: its parts would bury the name among everything like it.
      tokenize: (query) => query.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== ""),
      boost: { page: 3, heading: 4 },
      prefix: true,
      fuzzy: (term) => (term.length > 4 ? 0.2 : false),
      combineWith: "AND",
    },
  });
  index.addAll(records);
  return {
    find(query, limit) {
      return index
        .search(query)
        .slice(0, limit)
        .flatMap(({ id }) => byId.get(String(id)) ?? []);
    },
  };
}
