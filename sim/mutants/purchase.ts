import type { Mutant } from "./mutant.ts";

/** Stock, limits, payments, keys and tokens. */
export const PURCHASE_MUTANTS: readonly Mutant[] = [
  {
    name: "the stock guard is gone",
    breaks: "nothing is sold that is not there",
    patches: [
      {
        file: "domain/purchase/stock.ts",
        find: "if (command.quantity > item.level.available || isOwed(item))",
        replace: "if (command.quantity > item.level.available + item.level.held)",
      },
      {
        file: "domain/purchase/hold.ts",
        find: "available >= 0 && held >= 0 && sold >= 0 && available + held + sold === stock,",
        replace: "true,",
      },
      {
        file: "durable-objects/sku-tables.ts",
        find: "available INTEGER NOT NULL CHECK (available >= 0),",
        replace: "available INTEGER NOT NULL,",
      },
    ],
    invariants: ["stock.balanced"],
    seedsMax: 60,
  },
  {
    name: "the shopper's limit is counted without what is bought",
    breaks: "a shopper has at most so many units",
    patches: [
      {
        file: "domain/purchase/stock.ts",
        find: "if (units.held + units.bought + wanted.quantity > item.perShopper)",
        replace: "if (units.held + wanted.quantity > item.perShopper)",
      },
    ],
    invariants: ["stock.per_shopper"],
    seedsMax: 50,
  },
  {
    name: "the limit of a network counts what is bought alone",
    breaks: "all who come from one network have at most so many units",
    patches: [
      {
        file: "domain/purchase/stock.ts",
        find: "ofAddress.held + ofAddress.bought + wanted.quantity > perAddress",
        replace: "ofAddress.bought + wanted.quantity > perAddress",
      },
    ],
    invariants: ["stock.per_address"],
    seedsMax: 100,
  },
  {
    name: "the limit of a card forgets what is being paid",
    breaks: "one card pays for at most so many units",
    patches: [
      {
        file: "domain/purchase/checkout-limits.ts",
        find: "ofCard.held + ofCard.bought + quantity > perCard",
        replace: "ofCard.bought + quantity > perCard",
      },
    ],
    invariants: ["stock.per_card"],
    seedsMax: 300,
  },
  {
    name: "a postal address is not written with the checkout",
    breaks: "at most so many units go to one postal address",
    patches: [
      {
        file: "durable-objects/sku-store.ts",
        find: "hold.postalAddress ?? null",
        replace: "null",
      },
    ],
    invariants: ["stock.per_home"],
    seedsMax: 300,
  },
  {
    name: "an item that wakes has forgotten its latest holds",
    breaks: "a hold is found by memory or by the item's tables",
    patches: [
      {
        file: "durable-objects/hold-finder.ts",
        find: "for (const { id, order_id: orderId, shopper } of rows) fresh.add(id, orderId, shopper);",
        replace: "rows.toArray();",
      },
    ],
    invariants: ["sku.linearizable", "told.hold", "key.same_bytes"],
    seedsMax: 100,
  },
  {
    name: "shoppers are not written to the table that finds their holds",
    breaks: "a shopper has at most so many units",
    patches: [
      {
        file: "durable-objects/sku-tables.ts",
        find: 'INSERT OR IGNORE INTO hold_of_shopper SELECT ${endsOf("shopper")}, id FROM hold\n   WHERE',
        replace:
          'INSERT OR IGNORE INTO hold_of_shopper SELECT ${endsOf("shopper")}, id FROM hold\n   WHERE id < 0 AND',
      },
    ],
    invariants: ["stock.per_shopper", "key.same_bytes"],
    seedsMax: 100,
  },
  {
    name: "decided in one turn, written in another",
    breaks: "a decision and what it writes are one transaction",
    patches: [
      {
        file: "durable-objects/sku.ts",
        find: `import { AlarmClock } from`,
        replace: `import { shopperActor } from "../domain/books/actor.ts";
import { reserve } from "../domain/purchase/stock.ts";
import { AlarmClock } from`,
      },
      {
        file: "durable-objects/sku.ts",
        find: `  reserve(command: ReserveCommand): Promise<ReserveAnswer | Refusal> {
    this.#calls.count("shopper.reserve");
    return this.#commits.together(this.#purchases, command);`,
        replace: `  async reserve(command: ReserveCommand): Promise<ReserveAnswer | Refusal> {
    const item = this.#store.item();
    if (!item) return refuse("not_found");
    const earlier = this.#store.holdByKey(command.shopper, command.idempotencyKey);
    const units = this.#store.unitsOf(command.shopper);
    const decision = reserve(item, earlier, units, command, this.#runtime.now());
    await this.env.QUEUE_SEQUENCER.getByName(item.saleId).board();
    return this.#commit("shopper.reserve", (nowMs) => {
      const by = { ...command.from, actor: shopperActor(command.shopper) };
      const settled = this.#orders.settle(decision, by, nowMs);
      if (!settled.ok) return settled;
      const { orderId, expiresAtMs, total } = settled.hold;
      return { ok: true, orderId, expiresAtMs, ...total } as const;
    });`,
      },
    ],
    invariants: [
      "stock.rows",
      "stock.balanced",
      "stock.per_shopper",
      "ledger.books",
      "no_exceptions",
    ],
    seedsMax: 50,
  },
  {
    name: "a payment's fence is gone",
    breaks: "a late report of an earlier attempt changes nothing",
    patches: [
      {
        file: "domain/purchase/settle-payment.ts",
        find: "if (!payment || payment.attempt !== attempt) return",
        replace: "if (!payment) return",
      },
    ],
    invariants: ["payment.true"],
    seedsMax: 600,
  },
  {
    name: "a payment that was given up is not voided",
    breaks: "nobody pays for nothing",
    patches: [
      {
        file: "domain/purchase/stock.ts",
        find: `const given: Payment = { ...payment, state: "voiding", nextAttemptAtMs: nowMs, asked: 0 };`,
        replace: `const given: Payment = { ...payment, state: "voided", nextAttemptAtMs: null, asked: 0 };`,
      },
    ],
    invariants: ["settles"],
    seedsMax: 600,
  },
  {
    name: "a purchase is not looked up by its key",
    breaks: "the same key and body give the same answer",
    patches: [
      {
        file: "domain/purchase/stock.ts",
        find: "if (earlier) {\n    if (earlier.bodyHash",
        replace: "if (earlier && nowMs < command.passExpiresAtMs) {\n    if (earlier.bodyHash",
      },
    ],
    invariants: ["key.same_bytes"],
    seedsMax: 300,
  },
  {
    name: "a repeated checkout is refused",
    breaks: "the same key and body give the same answer",
    patches: [
      {
        file: "domain/purchase/stock.ts",
        find: `  if (earlier)
    return earlier.bodyHash === bodyHash`,
        replace: `  if (earlier && hold.status === "RESERVED")
    return earlier.bodyHash === bodyHash`,
      },
    ],
    invariants: ["key.same_bytes"],
    seedsMax: 100,
  },
  {
    name: "a token's MAC is not compared",
    breaks: "a changed token is worth nothing",
    patches: [
      {
        file: "domain/token.ts",
        find: "if (!key || !isMac(mac, key, token.slice(0, -mac.length - 1))) return null;",
        replace: "if (!key || mac.length === 0) return null;",
      },
    ],
    invariants: ["token.genuine", "no_exceptions"],
    seedsMax: 200,
  },
  {
    name: "an order is shown to anybody",
    breaks: "an order belongs to its shopper",
    patches: [
      {
        file: "durable-objects/sku.ts",
        find: "if (!item || !hold || hold.shopper !== shopper) return",
        replace: "if (!item || !hold || shopper.length === 0) return",
      },
    ],
    invariants: ["token.genuine"],
    seedsMax: 100,
  },
  {
    name: "a revoked pass still buys",
    breaks: "once an admin was told that a place was taken back, nobody buys by it",
    patches: [
      {
        file: "domain/purchase/stock.ts",
        find: 'if (item.control.revoked?.includes(command.number) === true) return refuse("pass_invalid");',
        replace: "",
      },
    ],
    invariants: ["place.revoked"],
    seedsMax: 600,
  },
  {
    name: "a purchase is dated a day late",
    breaks: "nobody buys outside the times that an admin was told",
    patches: [
      {
        file: "durable-objects/ledger-store.ts",
        find: "atMs: nowMs, ...fact };",
        replace: 'atMs: fact.type === "reserved" ? nowMs + 86_400_000 : nowMs, ...fact };',
      },
    ],
    invariants: ["sale.times"],
    seedsMax: 50,
  },
];
