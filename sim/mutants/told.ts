import type { Mutant } from "./mutant.ts";

/** What was told once: it is there, it is told again, and nothing else is told of it. */
export const TOLD_MUTANTS: readonly Mutant[] = [
  {
    name: "a key is good for any body",
    breaks: "who sends another purchase under the same key is told so",
    patches: [
      {
        file: "domain/purchase/stock.ts",
        find: '    if (earlier.bodyHash !== command.bodyHash) return refuse("idempotency_conflict");\n    return { ok: true, repeat: true, hold: earlier };',
        replace: "    return { ok: true, repeat: true, hold: earlier };",
      },
    ],
    invariants: ["key.one_body"],
    seedsMax: 50,
  },
  {
    name: "a pass says when it was asked for",
    breaks: "a pass is the same on every repeat, byte for byte",
    patches: [
      {
        file: "workers/gateway/views/queue.ts",
        find: "const pass = { saleId, number, binding, claimedAtMs, expiresAtMs };",
        replace: "const pass = { saleId, number, binding, claimedAtMs: nowMs, expiresAtMs };",
      },
    ],
    invariants: ["pass.same_bytes"],
    seedsMax: 50,
  },
  {
    name: "a hold that ran out is forgotten",
    breaks: "an order that was told is there for ever",
    patches: [
      {
        file: "durable-objects/sku-store.ts",
        find: "      if (!isNew(hold)) this.#updateHold(hold);\n      const order",
        replace: `      if (!isNew(hold)) this.#updateHold(hold);
      if (hold.status === "EXPIRED")
        this.#sql.exec("DELETE FROM hold WHERE order_id = ?", hold.orderId);
      const order`,
      },
    ],
    invariants: ["told.hold", "key.same_bytes"],
    seedsMax: 100,
  },
  {
    name: "who has paid is forgotten to have asked",
    breaks: "a checkout that was accepted is accepted for ever",
    patches: [
      {
        file: "domain/purchase/hold.ts",
        find: "      ...hold,\n      status:",
        replace:
          '      ...hold,\n      checkouts: type === "captured" ? [] : hold.checkouts,\n      status:',
      },
    ],
    invariants: ["told.checkout"],
    seedsMax: 100,
  },
  {
    name: "an order is shown as of its next change",
    breaks: "what was told of an order is written",
    patches: [
      {
        file: "durable-objects/sku.ts",
        find: "return { ok: true, order: orderRow(item.saleId, item.sku, lapsed?.hold ?? hold) };",
        replace: `const shown = lapsed?.hold ?? hold;
    return { ok: true, order: orderRow(item.saleId, item.sku, { ...shown, version: shown.version + 1 }) };`,
      },
    ],
    invariants: ["told.order"],
    seedsMax: 50,
  },
  {
    name: "a cancellation is told and not written",
    breaks: "an order has one status as of each change",
    patches: [
      {
        file: "domain/purchase/stock.ts",
        find: '  const change = transition(hold, level, "cancelled", nowMs);\n',
        replace: `  if (hold.status === "RESERVED")
    return { ok: true, repeat: true, hold: { ...hold, status: "CANCELLED" } };
  const change = transition(hold, level, "cancelled", nowMs);
`,
      },
    ],
    invariants: ["order.one_status"],
    seedsMax: 100,
  },
  {
    name: "a cancellation is told before anything is decided",
    breaks: "an order that is final stays as it is",
    patches: [
      {
        file: "domain/purchase/stock.ts",
        find: '  const change = transition(hold, level, "cancelled", nowMs);\n',
        replace: `  if (hold.status === "RESERVED")
    return { ok: true, repeat: true, hold: { ...hold, status: "CANCELLED", version: 0 } };
  const change = transition(hold, level, "cancelled", nowMs);
`,
      },
    ],
    invariants: ["order.final"],
    seedsMax: 100,
  },
  {
    name: "a refund is promised and not begun",
    breaks: "what an admin refunded is refunded",
    patches: [
      {
        file: "domain/purchase/refund.ts",
        find: 'if (isDone || (status === "CONFIRMED" && isUnderWay)) return',
        replace: 'if (isDone || status === "CONFIRMED") return',
      },
    ],
    invariants: ["told.refund"],
    seedsMax: 100,
  },
  {
    name: "a restock forgets its command",
    breaks: "stock that was added is added once",
    patches: [
      {
        file: "durable-objects/sku-store.ts",
        find: "this.#append([{ ...by, ...fact }], nowMs, commandId);",
        replace: "this.#append([{ ...by, ...fact }], nowMs);",
      },
    ],
    invariants: ["told.restock", "restock.once"],
    seedsMax: 100,
  },
  {
    name: "an item's counters keep the head of the row before",
    breaks: "an item's row says what its ledger says",
    patches: [
      {
        file: "durable-objects/ledger-store.ts",
        find: "      sequence,\n      hash,\n      available,",
        replace: "      sequence,\n      last.head_hash,\n      available,",
      },
    ],
    invariants: ["ledger.counters"],
    seedsMax: 10,
  },
];
