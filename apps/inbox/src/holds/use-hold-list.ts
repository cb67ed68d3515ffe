import { useInfiniteQuery, useQueries } from "@tanstack/react-query";
import { useMemo } from "react";
import { holdQuery, holdsQuery } from "../service/queries.ts";
import { listOptions, type InboxSearch } from "./filters.ts";
import { useStableList } from "./stable-list.ts";

/** The list that the address asks for, in a stable order, each row as it is now. */
export function useHoldList(search: InboxSearch) {
  const options = listOptions(search);
  const query = useInfiniteQuery(holdsQuery(options));
  const fresh = useMemo(() => query.data?.pages.flatMap((page) => page.data), [query.data]);
  const freshIds = useMemo(() => new Set(fresh?.map((hold) => hold.id)), [fresh]);
  const list = useStableList(JSON.stringify(options), fresh);
  // Rows that left the list are asked for one by one: who decided them is news.
  const gone = list.shown.filter((hold) => !freshIds.has(hold.id)).map((hold) => hold.id);
  const found = useQueries({ queries: fresh === undefined ? [] : gone.map((id) => holdQuery(id)) });
  const details = new Map(
    found.flatMap(({ data }) => (data === undefined ? [] : [[data.id, data] as const])),
  );
  const shown = list.shown.map((hold) => details.get(hold.id) ?? hold);
  return { ...list, shown, goneCount: fresh === undefined ? 0 : gone.length, query };
}
