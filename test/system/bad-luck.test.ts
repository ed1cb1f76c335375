import { beforeEach, describe, expect, it, vi } from "vitest";
import { refuse } from "../../domain/problem.ts";
import type { PaymentDue, PaymentStep } from "../../domain/purchase/payment.ts";
import type { Sku } from "../../durable-objects/sku.ts";
import type { PaymentProvider, PaymentRequest } from "../../workers/purchase/providers/provider.ts";
import { useTestClock } from "./support/clock.ts";
import { readLedger } from "./support/ledger-check.ts";
import { bindings, createItem, levelOf, rowsOf, uniqueName } from "./support/objects.ts";
import { alarmAsks, bankOfTests, Outage, PaymentLine } from "./support/payments.ts";
import {
  checkoutOf,
  control,
  HOUR_MS,
  MINUTE_MS,
  NOON_MS,
  reservation,
  SECOND_MS,
} from "./support/samples.ts";

/*
 * What happens to a shop: nothing is lost, nothing doubled, and the item's books agree with the bank's.
 */

const clock = useTestClock();
const { DB, PURCHASE } = bindings;
const PRICE = 49_900;

beforeEach(() => {
  vi.spyOn(console, "warn").mockReturnValue();
  vi.spyOn(console, "error").mockReturnValue();
});

interface Shop {
  name: string;
  item: DurableObjectStub<Sku>;
}

async function openShop(stock: number, perShopper = 2, endsAtMs = NOON_MS + 9 * HOUR_MS) {
  const name = uniqueName("phone");
  const item = await createItem({ sku: name, stock, perShopper, control: { endsAtMs } });
  return { name, item };
}

function orderOf({ name }: Shop, shopper: string): string {
  return `${name}-${shopper}`;
}

async function reserve(shop: Shop, ...shoppers: string[]): Promise<void> {
  await Promise.all(
    shoppers.map(async (shopper) => {
      const passExpiresAtMs = NOON_MS + 9 * HOUR_MS;
      const command = reservation(shopper, { orderId: orderOf(shop, shopper), passExpiresAtMs });
      expect(await shop.item.reserve(command)).toMatchObject({ ok: true });
    }),
  );
}

async function pay(shop: Shop, paymentToken: string, ...shoppers: string[]): Promise<void> {
  await Promise.all(
    shoppers.map(async (shopper) => {
      const command = checkoutOf({ paymentToken });
      expect(await shop.item.checkout(orderOf(shop, shopper), shopper, command)).toMatchObject({
        ok: true,
      });
    }),
  );
}

function named(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
}

/** How many orders of the item stand how: `CONFIRMED captured`, and so on. */
async function standings({ item }: Shop): Promise<Record<string, number>> {
  const rows = await rowsOf<{ standing: string; orders: number }>(
    item,
    `SELECT status || coalesce(' ' || (body ->> '$.payment.state'), '') AS standing, count(*) AS orders
     FROM hold GROUP BY 1 ORDER BY 1`,
  );
  return Object.fromEntries(rows.map(({ standing, orders }) => [standing, orders]));
}

/** What the bank has of the item's orders, in cents by where they stand; `booked` whatever it ever captured. */
async function bankOf({ name }: Shop): Promise<Record<string, number>> {
  const { results } = await DB.prepare(
    `SELECT state AS what, sum(amount) AS cents FROM sandbox_payment
     WHERE idempotency_key LIKE ?1 AND state IN ('authorised', 'captured', 'refunded', 'pending') GROUP BY 1
     UNION ALL
     SELECT 'booked', sum(amount) FROM sandbox_booking
     WHERE idempotency_key LIKE ?1 AND kind = 'capture' HAVING count(*) > 0`,
  )
    .bind(`${name}-%`)
    .all<{ what: string; cents: number }>();
  return Object.fromEntries(results.map(({ what, cents }) => [what, cents]));
}

/** Counters, rows and chain agree; nothing is held, and nobody has to look at anything. */
async function expectSettled(shop: Shop, sold: number, stock: number): Promise<void> {
  expect(await levelOf(shop.item)).toEqual({ stock, available: stock - sold, held: 0, sold });
  const reading = await readLedger(shop.item);
  expect(reading.brokenAt).toBeNull();
  expect(reading.level).toMatchObject({ stock, sold });
  const attention = "SELECT count(*) AS count FROM ledger WHERE type = 'attention'";
  expect(await rowsOf<{ count: number }>(shop.item, attention)).toEqual([{ count: 0 }]);
}

/** Lets time go by, with the item's alarm and the consumer at every step. */
async function pass(shop: Shop, line: PaymentLine, forMs: number, stepMs: number): Promise<void> {
  for (let goneMs = 0; goneMs < forMs; goneMs += stepMs) {
    clock.advance(stepMs);
    await line.run(shop.item);
  }
}

describe("a provider that is down for an hour", () => {
  it("loses nobody's money: all is paid, voided and refunded once it is up again", async () => {
    const provider = new Outage(bankOfTests());
    const line = new PaymentLine(provider);
    const shop = await openShop(100);
    const [paid, regrets] = [named("paid", 6), named("regrets", 4)];
    const [lost, unheard] = [named("lost", 5), named("unheard", 8)];
    await reserve(shop, ...paid, ...regrets, ...lost, ...unheard);
    await pay(shop, "tok_ok", ...regrets);
    await line.run(shop.item);
    expect(await standings(shop)).toMatchObject({ "CONFIRMED captured": regrets.length });

    // Authorised, and then the line goes dead before the capture.
    for (const shopper of paid) {
      const orderId = orderOf(shop, shopper);
      await pay(shop, "tok_ok", shopper);
      const request = { orderId, idempotencyKey: `${orderId}:1`, token: "tok_ok" };
      await provider.authorise({ ...request, amount: PRICE, currency: "EUR" });
      await shop.item.paymentResult(orderId, 1, { kind: "authorised" });
    }
    // Done at the bank, and nobody hears of it.
    provider.down = "after";
    await pay(shop, "tok_ok", ...lost);
    await line.run(shop.item);
    // Never arrived.
    provider.down = "before";
    await pay(shop, "tok_ok", ...unheard);
    const by = { actor: "root", reason: "changed their mind" };
    for (const shopper of regrets)
      expect(await shop.item.refund(orderOf(shop, shopper), by)).toMatchObject({ ok: true });
    const askedBefore = provider.asked.length;
    await pass(shop, line, HOUR_MS, 5 * SECOND_MS);

    // 90 seconds after the checkouts their units were free.
    expect(await levelOf(shop.item)).toEqual({ stock: 100, available: 90, held: 0, sold: 10 });
    expect(await standings(shop)).toEqual({
      "CONFIRMED authorised": paid.length,
      "CONFIRMED refunding": regrets.length,
      "PAYMENT_FAILED voiding": lost.length + unheard.length,
    });
    // One trial in half a minute, beside the few calls that opened the breaker.
    expect(provider.asked.length - askedBefore).toBeLessThan(150);
    expect(await line.breaker.admit()).not.toEqual({ kind: "ask" });

    provider.down = "no";
    await pass(shop, line, 2 * MINUTE_MS, 5 * SECOND_MS);
    expect(await standings(shop)).toEqual({
      "CONFIRMED captured": paid.length,
      "REFUNDED refunded": regrets.length,
      "PAYMENT_FAILED voided": lost.length + unheard.length,
    });
    await expectSettled(shop, paid.length, 100);
    expect(await bankOf(shop)).toEqual({
      captured: paid.length * PRICE,
      refunded: regrets.length * PRICE,
      booked: (paid.length + regrets.length) * PRICE,
    });
    expect(await line.breaker.admit()).toEqual({ kind: "ask" });
  }, 120_000);
});

describe("a sale that ends while 1,000 payments are open", () => {
  it("finishes them all, and takes no new hold", async () => {
    const shop = await openShop(1_000);
    const crowds = {
      tok_ok: named("ok", 880),
      tok_decline: named("declined", 60),
      tok_timeout_ok: named("slow", 30),
      tok_late_ok: named("late", 30),
    };
    await reserve(shop, ...Object.values(crowds).flat());
    for (const [token, shoppers] of Object.entries(crowds)) await pay(shop, token, ...shoppers);
    await shop.item.applyControl(control({ mode: "ended", version: 9 }));
    expect(await standings(shop)).toEqual({ "PAYMENT_PENDING due": 1_000 });
    const late = reservation("too-late", { orderId: orderOf(shop, "too-late") });
    expect(await shop.item.reserve(late)).toMatchObject({ code: "sale_ended" });

    const line = new PaymentLine(bankOfTests());
    for (let runs = 0; runs < 20; runs++) await line.run(shop.item);
    await pass(shop, line, 4 * MINUTE_MS, 10 * SECOND_MS);

    const sold = crowds.tok_ok.length + crowds.tok_timeout_ok.length;
    expect(await standings(shop)).toEqual({
      "CONFIRMED captured": sold,
      "PAYMENT_FAILED declined": crowds.tok_decline.length,
      "PAYMENT_FAILED voided": crowds.tok_late_ok.length,
    });
    await expectSettled(shop, sold, 1_000);
    expect(await bankOf(shop)).toEqual({ captured: sold * PRICE, booked: sold * PRICE });
    expect(await shop.item.reserve(late)).toMatchObject({ code: "sale_ended" });
  }, 120_000);
});

describe("two admins who restock at once", () => {
  it("both count, each once, however often the same command comes", async () => {
    const shop = await openShop(10);
    const restock = (quantity: number, commandId: string) =>
      PURCHASE.restock(shop.name, quantity, "a new delivery", commandId);
    const answers = await Promise.all([
      restock(5, "of-ada"),
      restock(3, "of-bob"),
      restock(5, "of-ada"),
      restock(3, "of-bob"),
      restock(5, "of-ada"),
    ]);
    for (const answer of answers) expect(answer).toMatchObject({ ok: true });
    expect(answers[2]).toEqual(answers[0]);
    expect(await restock(4, "of-ada")).toMatchObject({ code: "idempotency_conflict" });
    const types = (await shop.item.ledger(0)).map(({ type }) => type);
    expect(types).toEqual(["created", "restocked", "restocked"]);
    await expectSettled(shop, 0, 18);
  });

  it("cannot withdraw together what only one of them could", async () => {
    const shop = await openShop(10);
    await reserve(shop, "ada", "bob");
    const withdraw = (commandId: string) => PURCHASE.restock(shop.name, -5, "damaged", commandId);
    const answers = await Promise.all([withdraw("of-ada"), withdraw("of-bob")]);
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    expect(answers.find(({ ok }) => !ok)).toEqual(
      refuse("validation_failed", {
        errors: [{ path: "quantity", message: "At most 3 unsold units can be withdrawn." }],
      }),
    );
    expect(await levelOf(shop.item)).toEqual({ stock: 5, available: 3, held: 2, sold: 0 });
  });
});

describe("500 purchases of one shopper at once", () => {
  it("get exactly the limit", async () => {
    const shop = await openShop(600, 3);
    const answers = await Promise.all(
      named("key", 500).map((idempotencyKey) =>
        shop.item.reserve(
          reservation("ada", { idempotencyKey, orderId: orderOf(shop, idempotencyKey) }),
        ),
      ),
    );
    const refused = answers.flatMap((answer) => (answer.ok ? [] : [answer]));
    expect(refused).toHaveLength(497);
    for (const refusal of refused)
      expect(refusal).toMatchObject({ code: "limit_reached", scope: "shopper", limit: 3, held: 3 });
    expect(await levelOf(shop.item)).toEqual({ stock: 600, available: 597, held: 3, sold: 0 });
  });
});

describe("a checkout", () => {
  const payFor = (shop: Shop, shopper: string, changes: Parameters<typeof checkoutOf>[0] = {}) =>
    PURCHASE.checkout(shop.name, orderOf(shop, shopper), shopper, checkoutOf(changes));

  it("of another shopper's order finds none, and of an expired hold says so", async () => {
    const shop = await openShop(2);
    await reserve(shop, "ada");
    const orderId = orderOf(shop, "ada");
    expect(await PURCHASE.checkout(shop.name, orderId, "bob", checkoutOf())).toEqual(
      refuse("not_found"),
    );
    clock.advance(120 * SECOND_MS);
    expect(await payFor(shop, "ada")).toMatchObject({
      code: "order_state_conflict",
      detail: "The order is EXPIRED.",
    });
    expect(await alarmAsks(shop.item)).toEqual([]);
    await expectSettled(shop, 0, 2);
  });

  it("twice at once is one payment: the same key hears the same, another one of a conflict", async () => {
    const provider = new Outage(bankOfTests());
    const line = new PaymentLine(provider);
    const shop = await openShop(2);
    await reserve(shop, "ada");
    const [first, same, other] = await Promise.all([
      payFor(shop, "ada"),
      payFor(shop, "ada"),
      payFor(shop, "ada", { idempotencyKey: "another-tab" }),
    ]);
    expect(same).toEqual(first);
    // Each asks the breaker on its way: nobody says who is there first.
    const [paying, refused, key] = first.ok
      ? [first, other, {}]
      : [other, first, { idempotencyKey: "another-tab" }];
    expect(paying).toMatchObject({ order: { status: "PAYMENT_PENDING", paymentAttempts: 1 } });
    expect(refused).toMatchObject({
      code: "order_state_conflict",
      detail: "The order is PAYMENT_PENDING.",
    });
    await line.run(shop.item);
    expect(provider.asked.map(([step]) => step)).toEqual(["authorise", "capture"]);
    expect(await bankOf(shop)).toEqual({ captured: PRICE, booked: PRICE });
    expect(await payFor(shop, "ada", key)).toMatchObject({ order: { paymentAttempts: 1 } });
  });
});

describe("a payment token that was used before", () => {
  /** A bank whose tokens are good for one charge, as most cards' are that nobody saved. */
  class OnceOnly extends Outage {
    readonly #used = new Map<string, string>();

    protected override async answer(step: PaymentStep, request: PaymentRequest) {
      const { token, idempotencyKey } = request;
      const usedBy = this.#used.get(token) ?? idempotencyKey;
      this.#used.set(token, usedBy);
      return step === "authorise" && usedBy !== idempotencyKey
        ? ({ kind: "declined", reason: "token_already_used" } as const)
        : super.answer(step, request);
    }
  }

  async function declinedOrder(provider: PaymentProvider) {
    const line = new PaymentLine(provider);
    const shop = await openShop(5);
    await reserve(shop, "ada", "bob");
    await pay(shop, "tok_insufficient_funds", "ada");
    await line.run(shop.item);
    const again = (shopper: string, idempotencyKey: string, paymentToken: string) =>
      shop.item.checkout(
        orderOf(shop, shopper),
        shopper,
        checkoutOf({ idempotencyKey, bodyHash: idempotencyKey, paymentToken }),
      );
    return { shop, line, again };
  }

  it("is a new attempt of the same order, and the bank decides anew", async () => {
    const provider = new Outage(bankOfTests());
    const { shop, line, again } = await declinedOrder(provider);
    expect(await again("ada", "again", "tok_insufficient_funds")).toMatchObject({
      order: { status: "PAYMENT_PENDING", paymentAttempts: 2 },
    });
    await line.run(shop.item);
    expect(provider.asked).toEqual([
      ["authorise", `${orderOf(shop, "ada")}:1`],
      ["authorise", `${orderOf(shop, "ada")}:2`],
    ]);
    expect(await shop.item.order(orderOf(shop, "ada"), "ada")).toMatchObject({
      order: { status: "RESERVED", paymentError: "insufficient_funds" },
    });
    expect(await bankOf(shop)).toEqual({});
  });

  it("pays for a second order where the bank takes it, and is declined where it does not", async () => {
    for (const provider of [new Outage(bankOfTests()), new OnceOnly(bankOfTests())]) {
      const line = new PaymentLine(provider);
      const shop = await openShop(5);
      await reserve(shop, "ada", "bob");
      await pay(shop, "tok_ok", "ada");
      await line.run(shop.item);
      await pay(shop, "tok_ok", "bob");
      await line.run(shop.item);
      const isReusable = !(provider instanceof OnceOnly);
      expect(await shop.item.order(orderOf(shop, "bob"), "bob")).toMatchObject({
        order: isReusable
          ? { status: "CONFIRMED", paymentState: "captured" }
          : { status: "RESERVED", paymentError: "token_already_used" },
      });
      const sold = isReusable ? 2 : 1;
      expect(await levelOf(shop.item)).toMatchObject({ sold });
      expect(await bankOf(shop)).toEqual({ captured: sold * PRICE, booked: sold * PRICE });
    }
  });

  it("in a message that comes twice charges once", async () => {
    const provider = new Outage(bankOfTests());
    const { shop, line, again } = await declinedOrder(provider);
    await again("ada", "again", "tok_ok");
    const due: PaymentDue = {
      sku: shop.name,
      orderId: orderOf(shop, "ada"),
      attempt: 2,
      step: "authorise",
      token: "tok_ok",
      amount: PRICE,
      currency: "EUR",
    };
    await Promise.all([line.consume(due), line.consume(due, due)]);
    expect(await standings(shop)).toEqual({ "CONFIRMED captured": 1, RESERVED: 1 });
    expect(await bankOf(shop)).toEqual({ captured: PRICE, booked: PRICE });
  });
});
