import { describe, expect, it } from "vitest";
import { hold, level, NOON_MS, payment, SECOND_MS } from "../../test/system/support/samples.ts";
import { asksAtMs, type Hold } from "./hold.ts";
import { hearNotice } from "./notice.ts";
import { stepOf, type PaymentOutcome, type PaymentStep } from "./payment.ts";
import { askPayment, settlePayment } from "./settle-payment.ts";

/*
 * One payment whose provider captures at once, and everything that it says of it: by the answers of calls
 * and by webhooks, each once or twice, in every order.
 */

/** What may come, and whether the charge is captured by the time. */
const SAYINGS = {
  "the answer to the authorisation": { by: "call", kind: "authorised" },
  "the webhook of the authorisation": { by: "webhook", kind: "authorised" },
  "the webhook of the capture": { by: "webhook", kind: "captured" },
  "the answer to an enquiry": { by: "call", kind: "captured" },
} as const;
type Saying = keyof typeof SAYINGS;

/** Every order of these, each once or twice. */
function orders(): Saying[][] {
  const names = Object.keys(SAYINGS) as Saying[];
  let doubled: Saying[][] = [[]];
  for (const name of names)
    doubled = doubled.flatMap((some) => [some.concat(name), some.concat(name, name)]);
  const distinct = new Map<string, Saying[]>();
  for (const some of doubled)
    for (const order of permutations(some)) distinct.set(order.join(), order);
  return [...distinct.values()];
}

function permutations(some: readonly Saying[]): Saying[][] {
  if (some.length === 0) return [[]];
  return [...new Set(some)].flatMap((first) => {
    const at = some.indexOf(first);
    return permutations(some.toSpliced(at, 1)).map((rest) => [first].concat(rest));
  });
}

/** The order and what its provider was asked for, by key. */
class Paying {
  order: Hold = hold({ status: "PAYMENT_PENDING", payment: payment() });
  counters = level(1, 1, 0);
  readonly asked: PaymentStep[] = [];
  readonly events: string[] = [];

  hear(saying: Saying): void {
    const { by, kind } = SAYINGS[saying];
    const outcome: PaymentOutcome = { kind };
    const nowMs = NOON_MS + SECOND_MS;
    if (by === "call") {
      this.#settle(outcome);
      return;
    }
    const notice = { eventId: kind, orderId: "order-1", attempt: 1, outcome, ...this.order.total };
    const { answer, change, undo } = hearNotice(this.order, this.counters, notice, nowMs, 0.5);
    expect([answer, undo]).toEqual([{ ok: true }, null]);
    this.#write(change);
  }

  /** Lets the alarm ask until nothing is open. The provider has captured, and says so. */
  finish(): void {
    for (let rounds = 0; asksAtMs(this.order) !== null && rounds < 5; rounds++) {
      const atMs = asksAtMs(this.order) ?? 0;
      const { step, rescheduled } = askPayment(this.order, this.counters, atMs, 0.5);
      if (rescheduled) this.order = { ...this.order, payment: rescheduled };
      if (step) this.asked.push(step);
      this.#settle({ kind: "captured" });
    }
  }

  #settle(outcome: PaymentOutcome): void {
    const nowMs = NOON_MS + SECOND_MS;
    const settled = settlePayment(this.order, this.counters, 1, outcome, nowMs, 0.5);
    if (settled.next) this.asked.push(settled.next);
    this.#write(settled.change);
  }

  #write(change: ReturnType<typeof settlePayment>["change"]): void {
    if (!change) return;
    this.events.push(change.type);
    this.order = change.hold;
    this.counters = change.level;
  }
}

describe("what a provider says of one payment", () => {
  const all = orders();

  it(`comes to the same in all ${all.length} orders: one sale, one capture, nothing open`, () => {
    expect(all.length).toBeGreaterThan(1_000);
    for (const order of all) {
      const paying = new Paying();
      for (const saying of order) paying.hear(saying);
      paying.finish();
      const { status, payment: paid } = paying.order;
      expect([status, paid?.state, paid && stepOf(paid)], order.join()).toEqual([
        "CONFIRMED",
        "captured",
        null,
      ]);
      expect(paying.counters, order.join()).toEqual(level(1, 0, 1));
      // Only ever the capture, under the one key: however often it is asked, it is one.
      expect(paying.asked.filter((step) => step !== "capture")).toEqual([]);
      expect(paying.events.filter((type) => type === "confirmed")).toHaveLength(1);
      expect(paying.events.filter((type) => type === "captured").length).toBeLessThanOrEqual(1);
    }
  });
});
