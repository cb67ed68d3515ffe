/** Does it for each, so many at a time, in order of the list. Rejects with the first failure, once what runs has ended. */
export async function inParallel<Item>(
  items: readonly Item[],
  width: number,
  work: (item: Item, index: number) => Promise<void>,
): Promise<void> {
  const rest = items.entries();
  const lanes = Array.from({ length: Math.min(width, items.length) }, async () => {
    for (const [index, item] of rest) await work(item, index);
  });
  const failed = (await Promise.allSettled(lanes)).find((lane) => lane.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}
