import type { RequestOptions, Transport } from "./transport.ts";

/** One page of a list. `nextCursor` is null on the last one. */
export interface Page<Item> {
  data: Item[];
  nextCursor: string | null;
}

export interface PageOptions {
  /** `nextCursor` of the page before. */
  cursor?: string | undefined;
  signal?: AbortSignal | undefined;
}

/** One page of a list. */
export function getPage<Item>(
  transport: Transport,
  path: string,
  query: RequestOptions["query"],
  { cursor, signal }: PageOptions,
): Promise<Page<Item>> {
  return transport.json<Page<Item>>("GET", path, { query: { ...query, cursor }, signal });
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
    const page: Page<Item> = await getPage<Item>(transport, path, query, { cursor, signal });
    yield* page.data;
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
}
