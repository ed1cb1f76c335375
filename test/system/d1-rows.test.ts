import { createMessageBatch } from "cloudflare:test";
import { expect, it } from "vitest";
import { D1_ROWS } from "../../bench/capacity/rows.ts";
import type { DueMessage } from "../../domain/messages/message.ts";
import type { LedgerEvent } from "../../domain/purchase/ledger.ts";
import { systemRuntime } from "../../durable-objects/runtime.ts";
import { deliverMessages } from "../../workers/purchase/consumers/deliver-messages.ts";
import { consumeLedger } from "../../workers/purchase/consumers/projection.ts";
import { Mailbox } from "../../workers/purchase/messages/mailbox.ts";
import { useTestClock } from "./support/clock.ts";
import { bindings, createItem, uniqueName } from "./support/objects.ts";
import { checkoutOf, reservation } from "./support/samples.ts";

/** Orders that are reserved, paid and confirmed together. */
const ORDERS = 20;

useTestClock();

/** The database, and what its statements have written and read through it so far. */
function countingDatabase() {
  const counted = { written: 0, read: 0 };
  const count = ({ meta }: D1Result): void => {
    counted.written += meta.rows_written;
    counted.read += meta.rows_read;
  };
  const statement = (inner: D1PreparedStatement): D1PreparedStatement =>
    new Proxy(inner, {
      get: (target, name) => {
        if (name === "inner") return target;
        if (name === "bind") return (...values: unknown[]) => statement(target.bind(...values));
        if (name !== "all" && name !== "run" && name !== "raw")
          return Reflect.get(target, name) as unknown;
        return async () => {
          const result = await target.all();
          count(result);
          return name === "raw" ? result.results.map((row) => Object.values(row)) : result;
        };
      },
    });
  const database = {
    prepare: (query: string) => statement(bindings.DB.prepare(query)),
    batch: async (statements: (D1PreparedStatement & { inner?: D1PreparedStatement })[]) => {
      const results = await bindings.DB.batch(statements.map((one) => one.inner ?? one));
      for (const result of results) count(result);
      return results;
    },
  };
  return { counted, database: database as unknown as D1Database };
}

it.each([
  [
    "when messages go by their queues, as those of a shop that sends e-mails",
    D1_ROWS.byQueues,
    false,
  ],
  ["when the mailbox is all that they go to", D1_ROWS.atOnce, true],
])(
  "an order that is paid by card writes so many rows of the tables %s",
  async (_, rows, isAtOnce) => {
    const sku = uniqueName("rows");
    const copy = uniqueName("told");
    const item = await createItem({ sku, stock: ORDERS });
    const shoppers = Array.from({ length: ORDERS }, (_, index) => `shopper-${index}`);
    const orderOf = (shopper: string): string => `${sku}-${shopper}`;
    const steps = [
      (shopper: string) => item.reserve(reservation(shopper, { orderId: orderOf(shopper) })),
      (shopper: string) => item.checkout(orderOf(shopper), shopper, checkoutOf()),
      async (shopper: string) => {
        await item.paymentResult(orderOf(shopper), 1, { kind: "authorised" });
        await item.paymentResult(orderOf(shopper), 1, { kind: "captured" });
      },
    ];
    const { counted, database } = countingDatabase();
    const quiet = { getByName: () => ({ acked: () => Promise.resolve() }) };
    const env = { ...bindings, DB: database, SKU: quiet } as unknown as PurchaseEnv;
    let through = 1;
    for (const step of steps) {
      for (const shopper of shoppers) await step(shopper);
      // Told of an item that does not exist: the real one sends its own pages whenever it likes.
      const told = JSON.stringify(await item.ledger(through)).replaceAll(sku, copy);
      const events = JSON.parse(told) as LedgerEvent[];
      const body = { saleId: `sale-of-${copy}`, sku: copy, fromSequence: through + 1, events };
      through += events.length;
      const due: DueMessage[] = [];
      const page = { id: `page-${through}`, timestamp: new Date(), attempts: 1, body };
      const sendDue = (found: DueMessage[]): Promise<void> => {
        due.push(...found);
        return Promise.resolve();
      };
      const mail = isAtOnce ? new Mailbox(env) : null;
      await consumeLedger(
        env,
        createMessageBatch("ropeline-ledger", [page]),
        sendDue,
        systemRuntime,
        mail,
      );
      const toTell = due.map((message, index) => {
        return {
          id: `told-${through}-${index}`,
          timestamp: new Date(),
          attempts: 1,
          body: message,
        };
      });
      if (toTell.length > 0)
        await deliverMessages(
          env,
          createMessageBatch("messages", toTell),
          new Mailbox(env),
          systemRuntime,
        );
    }
    expect(counted.written / ORDERS).toBeCloseTo(rows.written, 2);
    expect(counted.read / ORDERS).toBeCloseTo(rows.read, 0);
  },
);
