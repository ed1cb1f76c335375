import { array, assert, asyncProperty, boolean, constantFrom, nat, tuple } from "fast-check";
import { expect, it } from "vitest";
import type { Reconciliation } from "../../../domain/books/reconcile.ts";
import type { LevelRow } from "../../../domain/books/reconcile-events.ts";
import type { Charge, OrderGroup } from "../../../domain/books/reconcile-rows.ts";
import type { LedgerEvent } from "../../../domain/purchase/ledger.ts";
import {
  ItemHistory,
  LONG_AFTER,
  orderIdOf,
  SALE_ID,
  SKU,
} from "../../../domain/books/testing/item-history.ts";
import { reconcileItem, type ReconcilePorts } from "./reconcile-item.ts";

/** Rows that one page has, so that every order is cut somewhere. */
const PAGE_ROWS = 3;

/** One thing that happens while somebody reads: to the item, to the tables, or to what the item knows of them. */
type Step = "reserve" | "pay" | "take" | "capture" | "refund" | "expire" | "write" | "acknowledge";

/** An item that goes on selling with every page that is read of it; its tables are behind it. */
class SellingItem implements ReconcilePorts {
  readonly history: ItemHistory;
  readonly terms = LONG_AFTER;
  /** What somebody has changed in the tables. */
  spoil: (group: OrderGroup) => void = () => {};
  afterPause: () => void = () => {};
  /** What happens at each read. */
  #turns: readonly (readonly Step[])[];
  #orders = 0;
  #written = 0;
  #acknowledged = 0;

  /** Pages of the chain that were read. */
  reads = 0;
  /** Events that the table has not. */
  isGone: (sequence: number) => boolean = () => false;

  /** @param turns the first has happened before anything is read. */
  constructor(turns: readonly (readonly Step[])[], stock?: number) {
    this.history = new ItemHistory(stock);
    this.#turns = turns;
    this.#go();
  }

  /** Everything that is left happens, and all of it is written and acknowledged. */
  rest(): void {
    while (this.#turns.length > 0) this.#go();
    this.#written = this.#acknowledged = this.history.chain.length;
  }

  /** Second looks that were taken. */
  pauses = 0;

  readonly pause = async (): Promise<void> => {
    this.pauses += 1;
    this.#go();
    this.afterPause();
  };

  readonly chain = {
    read: async (after: number) => {
      this.#go();
      this.reads += 1;
      const { chain } = this.history;
      const head = { chain: `item/${SKU}`, sequence: chain.length, hash: chain.at(-1)?.hash ?? "" };
      const rows = chain.slice(after, after + PAGE_ROWS);
      return { head, rows, mirroredThrough: this.#acknowledged };
    },
  };

  readonly tables: ReconcilePorts["tables"] = {
    level: async () => {
      this.#go();
      const row = this.history.chain[this.#written - 1];
      if (!row) return null;
      const { level, sequence } = JSON.parse(row.text) as LedgerEvent;
      return { ...level, saleId: SALE_ID, sequence } satisfies LevelRow;
    },
    events: async (after, through) => {
      this.#go();
      const rows = this.history.eventRows().slice(after, Math.min(through, this.#written));
      return rows.filter(({ sequence }) => !this.isGone(sequence));
    },
    eventsBeyond: async (through) => {
      this.#go();
      return this.history
        .eventRows()
        .slice(through, this.#written)
        .map(({ sequence }) => sequence);
    },
    groups: async (from) => {
      const ids = this.#ids().filter((orderId) => orderId >= from);
      const page = await this.tables.groupsOf(ids.slice(0, PAGE_ROWS));
      return { groups: page, next: ids[PAGE_ROWS] ?? null };
    },
    groupsOf: async (orderIds) => {
      for (const _ of orderIds) this.#go();
      const groups = orderIds.map((orderId) => this.history.groupOf(orderId, this.#written));
      groups.forEach(this.spoil);
      // The provider is read after the tables, and knows more.
      this.#go();
      for (const group of groups) group.charges = this.#chargesOf(group.orderId);
      return groups;
    },
    strayMessages: async () => [],
    isStrayMessage: async () => false,
    strayOrders: async () => [],
    strayMail: async () => ({ strays: [], next: null }),
    isStrayMail: async () => false,
  };

  /** Orders that the tables or the provider know. */
  #ids(): string[] {
    const ids = Array.from({ length: this.#orders }, (_, index) => orderIdOf(index + 1)).sort();
    return ids.filter((orderId) => {
      const { order } = this.history.groupOf(orderId, this.#written);
      return order !== null || this.#chargesOf(orderId).length > 0;
    });
  }

  #chargesOf(orderId: string): Charge[] {
    return this.history.groupOf(orderId).charges;
  }

  #go(): void {
    const [turn = [], ...others] = this.#turns;
    this.#turns = others;
    this.happen(...turn);
  }

  happen(...steps: readonly Step[]): void {
    for (const step of steps) this.#take(step);
  }

  #take(step: Step): void {
    const { chain } = this.history;
    switch (step) {
      case "reserve":
        if (this.history.level.available > 0) this.history.reserve(++this.#orders);
        break;
      case "pay":
        this.#move("RESERVED", (index) =>
          this.history.step(index, "payment_pending", { state: "due" }),
        );
        break;
      case "take":
        this.#move("due", (index) =>
          this.history.step(index, "confirmed", { state: "authorised" }),
        );
        break;
      case "capture":
        this.#move("authorised", (index) =>
          this.history.step(index, "captured", { state: "captured" }),
        );
        break;
      case "refund":
        this.#move("captured", (index) =>
          this.history
            .step(index, "refunding", { state: "refunding" })
            .step(index, "refunded", { state: "refunded" }),
        );
        break;
      case "expire":
        this.#move("RESERVED", (index) => this.history.step(index, "expired"));
        break;
      case "write":
        this.#written = Math.min(chain.length, this.#written + 2);
        break;
      case "acknowledge":
        this.#acknowledged = this.#written;
    }
  }

  /** Moves the first order that is in this status, or whose payment is. */
  #move(at: string, move: (index: number) => unknown): void {
    for (let index = 1; index <= this.#orders; index++) {
      const { order } = this.history.groupOf(orderIdOf(index));
      if (order?.paymentState !== at && (order?.status !== at || order.paymentState !== null))
        continue;
      move(index);
      return;
    }
  }
}

const step = constantFrom<Step[]>(
  "reserve",
  "reserve",
  "pay",
  "take",
  "capture",
  "refund",
  "expire",
  "write",
  "write",
  "acknowledge",
);
const turns = tuple(
  array(step, { minLength: 10, maxLength: 40 }),
  array(array(step, { maxLength: 5 }), { minLength: 10, maxLength: 40 }),
).map(([before, during]) => [before].concat(during));

const reconcile = (item: SellingItem): Promise<Reconciliation> => reconcileItem(SKU, SALE_ID, item);

it("raises no alarm about an item that sells while it is read, nor once it has come to rest", async () => {
  await assert(
    asyncProperty(turns, async (happening) => {
      const item = new SellingItem(happening);
      expect((await reconcile(item)).differences).toEqual([]);
      expect(item.pauses).toBe(0);
      item.rest();
      const { differences, figures } = await reconcile(item);
      expect(differences).toEqual([]);
      expect(figures.unsettled).toBe(0);
      expect(figures.events).toBe(item.history.chain.length);
    }),
    { numRuns: 60 },
  );
});

it("does not count what was put right before the second look, though the order has gone on", async () => {
  const item = new SellingItem([["reserve", "write", "acknowledge"]]);
  item.spoil = ({ order }) => {
    if (order) order.amount += 1;
  };
  expect((await reconcile(item)).differences).toMatchObject([{ field: "amount" }]);
  item.afterPause = () => {
    item.spoil = () => {};
    item.happen("expire");
  };
  expect(await reconcile(item)).toMatchObject({ ok: true, differences: [] });
  expect(item.pauses).toBe(2);
});

it("finds what is wrong with an order as soon as the order has come to rest", async () => {
  await assert(
    asyncProperty(turns, nat(), boolean(), async (happening, which, isGone) => {
      const item = new SellingItem(happening);
      await reconcile(item);
      item.rest();
      const orders = (await reconcile(item)).figures.orders;
      if (orders === 0) return;
      const key = orderIdOf((which % orders) + 1);
      item.spoil = (group) => {
        if (group.orderId !== key || !group.order) return;
        if (isGone) group.order = null;
        else group.order.amount += 1;
      };
      const { differences } = await reconcile(item);
      expect(differences).toMatchObject([
        { kind: isGone ? "order_missing" : "order_changed", table: "orders", key },
      ]);
    }),
    { numRuns: 30 },
  );
});

it("looks at everything that differs with one more pass over the chain, and counts what is beyond the list", async () => {
  const item = new SellingItem([Array.from({ length: 130 }, () => "reserve" as const)], 130);
  item.rest();
  item.spoil = ({ order }) => {
    if (order) order.amount += 1;
  };
  item.isGone = (sequence) => sequence > 1;
  expect(await reconcile(item)).toMatchObject({ count: 260, figures: { orders: 130 } });
  const pages = Math.ceil(item.history.chain.length / PAGE_ROWS);
  expect(item.reads).toBeLessThan(3 * pages);
  item.afterPause = () => {
    item.spoil = () => {};
    item.isGone = () => false;
  };
  expect(await reconcile(item)).toMatchObject({ ok: true, count: 0 });
});
