/** Rows that stay in place while what they show changes, so that the focus stays, too. */

/** One row on the page. */
export interface Row<Item> {
  readonly root: HTMLElement;
  readonly update: (item: Item) => void;
}

/** Keeps one row for each key in a host; the function given back shows these items, in this order. */
export function keyedRows<Item>(
  host: HTMLElement,
  keyOf: (item: Item) => string,
  create: (item: Item) => Row<Item>,
): (items: readonly Item[]) => void {
  const rows = new Map<string, Row<Item>>();

  return (items) => {
    const kept = new Set(items.map(keyOf));
    for (const [key, { root }] of rows) {
      if (!kept.has(key)) {
        root.remove();
        rows.delete(key);
      }
    }
    let next = host.firstElementChild;
    for (const item of items) {
      const key = keyOf(item);
      const row = rows.get(key) ?? create(item);
      rows.set(key, row);
      row.update(item);
      // A row that is moved loses the focus: only those that are not where they belong are.
      if (row.root === next) {
        next = next.nextElementSibling;
      } else {
        host.insertBefore(row.root, next);
      }
    }
  };
}
