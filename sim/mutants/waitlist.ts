import type { Mutant } from "./mutant.ts";

/** The waiting list: who is served, when, and by what. */
export const WAITLIST_MUTANTS: readonly Mutant[] = [
  {
    name: "a freed unit is not offered",
    breaks: "a unit is offered in the transaction that frees it",
    patches: [
      {
        file: "durable-objects/sku-store.ts",
        find: "if (this.ledger.append(facts, nowMs, commandId)) this.#hasFreed = true;",
        replace: "this.ledger.append(facts, nowMs, commandId);",
      },
    ],
    invariants: ["list.served"],
    seedsMax: 300,
  },
  {
    name: "a lapsed offer ends the list",
    breaks: "what is let go is offered to the next",
    patches: [
      {
        file: "durable-objects/sku-store.ts",
        find: "if (this.ledger.append(facts, nowMs, commandId)) this.#hasFreed = true;",
        replace: `if (this.ledger.append(facts, nowMs, commandId) && facts[0]?.type !== "expired") this.#hasFreed = true;`,
      },
      {
        file: "durable-objects/sku.ts",
        find: "      this.#waitlist.offer(nowMs);\n      return messages;",
        replace: "      return messages;",
      },
    ],
    invariants: ["list.served"],
    seedsMax: 300,
  },
  {
    name: "the list forgets those who wait when the sale is resumed",
    breaks: "a sale that takes holds again serves those who wait first",
    patches: [
      {
        file: "durable-objects/sku-store.ts",
        find: "  writeControl(control: SaleControl): void {\n    this.#hasFreed = true;",
        replace: "  writeControl(control: SaleControl): void {",
      },
    ],
    invariants: ["list.served"],
    seedsMax: 600,
  },
  {
    name: "the list is last come, first served",
    breaks: "the list goes by numbers",
    patches: [
      {
        file: "durable-objects/waitlist-store.ts",
        find: "ORDER BY lapses, number LIMIT +?",
        replace: "ORDER BY lapses, number DESC LIMIT +?",
      },
    ],
    invariants: ["list.order"],
    seedsMax: 300,
  },
  {
    name: "who let an offer go comes back in front",
    breaks: "those who have had no offer come first",
    patches: [
      {
        file: "durable-objects/waitlist-store.ts",
        find: "ORDER BY lapses, number LIMIT +?",
        replace: "ORDER BY lapses DESC, number LIMIT +?",
      },
    ],
    invariants: ["list.order"],
    seedsMax: 600,
  },
  {
    name: "a purchase takes what ran out before it, past the list",
    breaks: "nobody who waits is overtaken, not even within one transaction",
    patches: [
      {
        file: "domain/purchase/stock.ts",
        find: "|| isOwed(item))",
        replace: "|| false)",
      },
      {
        file: "durable-objects/sku.ts",
        find: "before: (nowMs) => this.#offering(() => this.#orders.lapseDue(nowMs), nowMs),",
        replace: "before: (nowMs) => this.#orders.lapseDue(nowMs),",
      },
      {
        // As late as an alarm may come: what runs out is found by the next command.
        file: "durable-objects/sku-store.ts",
        find: "(SELECT min(lapses_at_ms) FROM hold",
        replace: "(SELECT min(lapses_at_ms) + 60000 FROM hold",
      },
    ],
    invariants: ["list.overtaken", "list.served"],
    seedsMax: 600,
  },
  {
    name: "who leaves the list still counts as waiting",
    breaks: "what everyone is told of who waits is true",
    patches: [
      {
        file: "durable-objects/waitlist-store.ts",
        find: 'Number(earlier?.state === "waiting");',
        replace: 'Number(earlier?.state === "waiting" && entry.state !== "left");',
      },
    ],
    invariants: ["list.count"],
    seedsMax: 300,
  },
  {
    name: "who comes back is offered the order that they let go",
    breaks: "an offer is an order of its own",
    patches: [
      {
        file: "domain/purchase/waitlist.ts",
        find: "  const entry: WaitlistEntry = {\n    ...wanted,\n",
        replace: `  const orderId = earlier?.orderId ?? command.orderId;
  const entry: WaitlistEntry = {\n    ...wanted,\n    orderId,\n`,
      },
    ],
    invariants: ["ledger.books"],
    seedsMax: 300,
  },
  {
    name: "an offer is told with the units that are held",
    breaks: "an offer that was told stays the same",
    patches: [
      {
        file: "durable-objects/sku-waitlist.ts",
        find: "const { number, quantity } = entry;\n    const orderId",
        replace:
          "const { number } = entry;\n    const quantity = stands.offer === null ? entry.quantity : item.level.held;\n    const orderId",
      },
    ],
    invariants: ["list.same_offer", "told.offer"],
    seedsMax: 300,
  },
  {
    name: "an offer has another key than its order",
    breaks: "an offer that was told is one order, and nothing else",
    patches: [
      {
        file: "domain/purchase/waitlist.ts",
        find: "idempotencyKey: entry.orderId,",
        replace: "idempotencyKey: `offer ${entry.orderId}`,",
      },
    ],
    invariants: ["told.offer"],
    seedsMax: 300,
  },
];
