import { describe, expect, it } from "vitest";
import { ItemBook } from "./reconcile-book.ts";
import { eventDifferences, levelDifferences, type EventRow } from "./reconcile-events.ts";
import { namedBy, orderIdOf, SKU, wholeHistory } from "./testing/item-history.ts";

const history = wholeHistory();
const ID = orderIdOf;

describe("the table of events", () => {
  const rows = (): EventRow[] => history.eventRows();
  const all = history.chain.length;

  it.each<[what: string, change: (rows: EventRow[]) => void, found: string[]]>([
    ["skipped", (table) => table.splice(2, 1), ["event_missing", "ledger_event", "item/phone/3"]],
    [
      "its body",
      ([, row]) => row && (row.body = row.body.replace('"amount":49900', '"amount":1')),
      ["event_changed", "ledger_event", "item/phone/2", "body.order.amount"],
    ],
    [
      "its writing",
      ([, row]) => row && (row.body = `${row.body} `),
      ["event_changed", "ledger_event", "item/phone/2", "body"],
    ],
    [
      "unreadable",
      ([, row]) => row && (row.body = "{"),
      ["event_changed", "ledger_event", "item/phone/2", "body"],
    ],
    [
      "a column",
      ([, row]) => row && (row.orderId = ID(2)),
      ["event_changed", "ledger_event", "item/phone/2", "orderId"],
    ],
    [
      "its hash",
      ([, row]) => row && (row.hash = "0"),
      ["event_changed", "ledger_event", "item/phone/2", "hash"],
    ],
  ])("%s: found, and named", (_, change, found) => {
    const table = rows();
    change(table);
    expect(eventDifferences(SKU, history.chain, table, all).map(namedBy)).toEqual([found]);
  });

  it("may lack what is not acknowledged yet, and hashes of an older version", () => {
    const table = rows().slice(0, -2);
    expect(eventDifferences(SKU, history.chain, table, all - 2)).toEqual([]);
    expect(eventDifferences(SKU, history.chain, table, all)).toHaveLength(2);
    const old = rows();
    for (const row of old) row.hash = null;
    expect(eventDifferences(SKU, history.chain, old, all)).toEqual([]);
  });
});

describe("the counters", () => {
  const row = { ...history.level, saleId: "drop", sequence: history.chain.length };
  const all = row.sequence;
  const expected = history.level;

  it("are those after the event that they were made from, which is not before the mark", () => {
    expect(levelDifferences(SKU, expected, row, all)).toEqual([]);
    expect(levelDifferences(SKU, expected, row, all - 3)).toEqual([]);
    const off = { ...row, sold: row.sold + 1 };
    expect(levelDifferences(SKU, expected, off, all).map(namedBy)).toEqual([
      ["level_changed", "stock_level", SKU, "sold"],
    ]);
    const behind = { ...row, sequence: all - 1 };
    expect(levelDifferences(SKU, expected, behind, all).map(namedBy)).toEqual([
      ["level_changed", "stock_level", SKU, "sequence"],
    ]);
    expect(levelDifferences(SKU, null, { ...row, sequence: all + 1 }, all)).toHaveLength(1);
    expect(levelDifferences(SKU, null, null, all).map(namedBy)).toEqual([
      ["level_missing", "stock_level", SKU],
    ]);
    expect(levelDifferences(SKU, null, null, 0)).toEqual([]);
  });

  it("of the chain itself are the sum of its orders", () => {
    const wrong = wholeHistory().chain;
    const { event } = wrong[3]!;
    event!.level = { ...event!.level, sold: 2 };
    const book = new ItemBook(SKU, 0, 0);
    for (const one of wrong) book.enter(one);
    expect(book.ownDifferences).toEqual([
      {
        kind: "units_unbalanced",
        table: "ledger",
        key: "item/phone/4",
        field: "sold",
        expected: 1,
        found: 2,
      },
    ]);
    const gapped = new ItemBook(SKU, 0, 0);
    for (const one of [history.chain[0]!, history.chain[2]!]) gapped.enter(one);
    expect(gapped.ownDifferences.map(namedBy)).toEqual([
      ["event_missing", "ledger", "item/phone/2"],
    ]);
  });
});

describe("an event that nobody can read", () => {
  const chain = wholeHistory().chain;
  const unreadable = { ...chain[3]!, event: null };

  it("is compared by its text, and its order by the others", () => {
    const [, , , row] = history.eventRows();
    const kept = { ...row!, type: "unreadable", atMs: 0, orderId: null };
    expect(eventDifferences(SKU, [unreadable], [kept], 4)).toEqual([]);
    const changed = { ...kept, body: `${kept.body} ` };
    expect(eventDifferences(SKU, [unreadable], [changed], 4)).toHaveLength(1);
  });

  it("ends the sums, and the counters of the table stay at the one before", () => {
    const book = new ItemBook(SKU, 4, 3);
    for (const fact of [chain[0]!, chain[1]!, chain[2]!, unreadable]) book.enter(fact);
    expect([book.sequence, book.levelMark]).toEqual([4, 3]);
    const all = new ItemBook(SKU, 4, 3);
    for (const fact of chain)
      all.enter(fact.event?.type === "restocked" ? { ...fact, event: null } : fact);
    expect(all.ownDifferences).toEqual([]);
    expect(all.levelMark).toBe(4);
  });
});
