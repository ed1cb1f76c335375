import { describe, expect, it } from "vitest";
import { type Ahead, isStanding, readAhead } from "./ahead.ts";
import type { BooksSources } from "./books-evidence.ts";
import type { Admin } from "./admin.ts";
import type { LedgerRow } from "./contract.ts";
import { present, soundEvidence } from "./evidence-fixture.ts";

/** A crowd that is one step further at each look, and a shop that says who asked for what. */
function setUp(steps: readonly { bought: number; held: number }[]) {
  const evidence = soundEvidence();
  const asked: string[] = [];
  const note = async <Value>(what: string, value: Value): Promise<Value> => {
    asked.push(what);
    return value;
  };
  const admin = {
    ledger: () => note("ledger", evidence.ledger),
    orders: () => note("orders", evidence.orders),
    sandboxPayments: () => note("charges", evidence.books),
    attention: () => note("attention", []),
    summary: () => note("summary", {}),
    messages: () => note("messages", present(evidence.proof ?? undefined).told),
  } as unknown as Admin;
  const crowdDone = new AbortController();
  let step = 0;
  const counts = () => {
    const { bought, held } = present(steps[step]);
    return { joined: 10, waiting: 5, inside: 0, ended: 5, bought, held };
  };
  const sleep = async (): Promise<void> => {
    step += 1;
    if (step === steps.length - 1) crowdDone.abort();
  };
  const read = JSON.stringify({ kind: "end" });
  const shop = { read: async (path: string) => (path.startsWith("/audit/export") ? read : NONE) };
  const books = {
    admin,
    shop,
    clock: { nowMs: () => 0, sleep },
    readMail: async () => ({ subjects: new Map(), mailboxes: new Map() }),
  } as unknown as BooksSources;
  const crowd = { counts, records: evidence.records };
  const run = () => readAhead({ admin, books, crowd, sale: evidence.sale }, crowdDone.signal);
  return { asked, run };
}

const NONE = JSON.stringify({ findings: [] });

describe("reading ahead", () => {
  it("begins when all is bought and nobody holds a unit", async () => {
    const { asked, run } = setUp([
      { bought: 1, held: 1 },
      { bought: 2, held: 1 },
      { bought: 2, held: 0 },
      { bought: 2, held: 0 },
    ]);
    const ahead = await run();
    expect(ahead?.tables.ledger).toHaveLength(12);
    expect(ahead?.books.told).toHaveLength(6);
    expect(asked).toContain("messages");
  });

  it("reads nothing of a sale that does not come to that", async () => {
    const { asked, run } = setUp([
      { bought: 1, held: 0 },
      { bought: 2, held: 1 },
      { bought: 1, held: 0 },
    ]);
    expect(await run()).toBeNull();
    expect(asked).toEqual([]);
  });
});

describe("what was read ahead", () => {
  const tables = soundEvidence();
  const ahead = { tables } as Ahead;
  const more = (row: Partial<LedgerRow>): LedgerRow[] => [
    ...tables.ledger,
    { ...present(tables.ledger.at(-1)), sequence: 13, ...row },
  ];

  it("stands where the ledger is the same, or has refusals more", () => {
    expect(isStanding(ahead, structuredClone(tables.ledger))).toBe(true);
    expect(isStanding(ahead, more({ type: "refused", orderId: null }))).toBe(true);
  });

  it("does not stand where an order moved, a row is another or is gone", () => {
    const changed = structuredClone(tables.ledger);
    present(changed[4]).quantity = 2;
    expect(isStanding(ahead, more({ type: "refunded" }))).toBe(false);
    expect(isStanding(ahead, changed)).toBe(false);
    expect(isStanding(ahead, tables.ledger.slice(0, -1))).toBe(false);
  });

  it("does not stand where it was not settled", () => {
    const unsettled = { tables: { ...tables, orders: tables.orders.slice(1) } } as Ahead;
    expect(isStanding(unsettled, tables.ledger)).toBe(false);
  });
});
