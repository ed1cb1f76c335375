/** Does the work for every item, at most `limit` of them at the same time; fails with the first failure. */
export async function atOnce<Item>(
  limit: number,
  items: Iterable<Item>,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const next = items[Symbol.iterator]();
  const take = async (): Promise<void> => {
    for (let item = next.next(); item.done !== true; item = next.next()) await work(item.value);
  };
  await Promise.all(Array.from({ length: limit }, take));
}
