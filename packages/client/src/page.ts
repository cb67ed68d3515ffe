import { readJson, type RequestOptions, type Transport } from "./transport.ts";

/** One page of a list. `nextCursor` is null on the last one. */
export interface Page<Item> {
  data: Item[];
  nextCursor: string | null;
}

/** Every item of a list, page after page, fetched as the caller gets to them. */
export async function* listAll<Item>(
  transport: Transport,
  path: string,
  query: RequestOptions["query"],
  signal?: AbortSignal,
): AsyncGenerator<Item, void, undefined> {
  let cursor: string | undefined;
  do {
    const page = (await transport.send(
      "GET",
      path,
      { query: { ...query, cursor }, signal },
      readJson,
    )) as Page<Item>;
    yield* page.data;
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
}
