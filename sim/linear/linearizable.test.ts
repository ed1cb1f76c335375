import { describe, expect, it } from "vitest";
import type { Call } from "./history.ts";
import { checkItem } from "./linearizable.ts";

const TERMS = { stock: 1, perShopper: 1, perAddress: null };
/** Holds last so long. */
const HOLD_MS = 10_000;
/** Far enough from an end that no clock can differ about it. */
const AFTER_MS = HOLD_MS + 5_000;
const SOLD_OUT = { ok: false, code: "sold_out" };
const NOT_FOUND = { ok: false, code: "not_found" };

type Span = [fromMs: number, toMs: number | null];

/** A call that ran from one time to another; `null`: it was never answered. The places are the times. */
function call([fromMs, toMs]: Span, method: string, args: unknown[], answer?: unknown): Call {
  const returned = toMs ?? Infinity;
  return {
    method,
    args,
    invoked: fromMs,
    invokedMs: fromMs,
    returned,
    returnedMs: returned,
    answer: toMs === null ? undefined : answer,
  };
}

/** A purchase by the shopper of this name, of an order of this name; `told`: the answer, where it is not the order. */
function reserve(span: Span, name: string, told?: unknown, quantity = 1): Call {
  const [shopper = ""] = name;
  const command = { orderId: name, shopper, idempotencyKey: name, quantity };
  const answer = { ok: true, orderId: name, expiresAtMs: HOLD_MS };
  return call(span, "reserve", [command], told ?? answer);
}

/** Purchases in one call; `null`: one that failed in it. */
function reserveMany(span: Span, purchases: [name: string, told: unknown][]): Call {
  const calls = purchases.map(([name, told]) => reserve(span, name, told ?? undefined));
  const answer = calls.map((one, index) =>
    purchases[index]?.[1] === null ? { ok: false, error: "lost" } : { ok: true, value: one.answer },
  );
  return call(span, "reserveMany", [calls.map(({ args }) => args[0])], answer);
}

function rowOf(name: string, status: string, version: number) {
  const [shopper = ""] = name;
  const times = { expiresAtMs: HOLD_MS, updatedAtMs: HOLD_MS };
  return { ok: true, order: { orderId: name, shopper, quantity: 1, status, version, ...times } };
}

function order(span: Span, name: string, status: string, version: number): Call {
  return call(span, "order", [name, name[0]], rowOf(name, status, version));
}

function checkout(span: Span, name: string, status = "PAYMENT_PENDING", version = 2): Call {
  return call(span, "checkout", [name, name[0]], rowOf(name, status, version));
}

function restock(span: Span, commandId: string, quantity: number, stock: number, held = 0): Call {
  const level = { stock, available: stock - held, held, sold: 0 };
  return call(span, "restock", [quantity, "", commandId], { ok: true, level });
}

function joinList(span: Span, name: string, quantity = 1): Call {
  const place = { state: "waiting", orderId: null, offerExpiresAtMs: null };
  const command = { orderId: name, shopper: name[0], quantity };
  return call(span, "joinWaitlist", [command], { ok: true, isNew: true, place });
}

/** What somebody finds who looks after the list. */
function place(span: Span, name: string, state: string, offerExpiresAtMs: number | null): Call {
  const told = { state, orderId: name, offerExpiresAtMs };
  return call(span, "waitlistPlace", [name[0]], { ok: true, isNew: false, place: told });
}

function faultsOf(calls: Call[], hasSteadyClock = true): readonly string[] {
  const { faults, givenUp } = checkItem(calls, TERMS, hasSteadyClock);
  expect(givenUp).toBe(0);
  return faults;
}

describe("the calls of an item", () => {
  it.each<[string, Call[]]>([
    ["nothing was asked", []],
    [
      "the last unit, and sold out after it",
      [reserve([1, 2], "a"), reserve([3, 4], "b", SOLD_OUT)],
    ],
    [
      "both in one call, and one of before that failed in another",
      [
        reserveMany([1, 2], [["a", null]]),
        reserveMany(
          [3, 4],
          [
            ["a", undefined],
            ["b", SOLD_OUT],
          ],
        ),
      ],
    ],
    [
      "sold out beside the purchase of the last",
      [reserve([1, 9], "a"), reserve([2, 3], "b", SOLD_OUT)],
    ],
    [
      "sold out by a purchase that was never answered",
      [reserve([1, null], "a"), reserve([3, 4], "b", SOLD_OUT)],
    ],
    [
      "sold out by an offer of what comes free, and of more than was there",
      [
        restock([0, 1], "r", 1, 2),
        reserve([1, 2], "a"),
        checkout([3, 4], "a"),
        joinList([3, 5], "b", 2),
        reserve([6, 7], "c", SOLD_OUT),
      ],
    ],
    [
      "a purchase that was never answered, and took effect late",
      [
        reserve([1, null], "a"),
        reserve([3, 4], "b"),
        order([20_000, 20_001], "b", "EXPIRED", 2),
      ].concat(reserve([21_000, 21_001], "c", SOLD_OUT)),
    ],
    [
      "never answered, and shown later",
      [reserve([1, null], "a"), order([5, 6], "a", "RESERVED", 1), reserve([7, 8], "b", SOLD_OUT)],
    ],
    [
      "the same command once more",
      [reserve([1, null], "a"), reserve([3, 4], "a"), reserve([5, 6], "a")],
    ],
    [
      "a hold that ended, and its unit sold to another",
      [reserve([1, 2], "a"), reserve([AFTER_MS, AFTER_MS + 1], "b")],
    ],
    [
      "paid, declined, and its unit sold to another",
      [
        reserve([1, 2], "a"),
        checkout([3, 4], "a"),
        reserve([5, 6], "b"),
        order([7, 8], "a", "PAYMENT_FAILED", 3),
      ],
    ],
    [
      "given back, and its unit sold to another",
      [
        reserve([1, 2], "a"),
        checkout([3, 4], "a", "CONFIRMED"),
        call([5, 6], "refund", ["a"], rowOf("a", "CONFIRMED", 3)),
        reserve([7, 8], "b"),
        order([9, 10], "a", "REFUNDED", 4),
      ],
    ],
    [
      "offered to who waits, and sold out to everybody else",
      [
        reserve([1, 2], "a"),
        joinList([3, 4], "w"),
        call([5, 6], "cancel", ["a", "a"], rowOf("a", "CANCELLED", 2)),
        reserve([7, 8], "b", SOLD_OUT),
        order([9, 10], "w", "RESERVED", 1),
      ],
    ],
    [
      "an offer that came and went before its unit was sold to another",
      [
        reserve([1, 2], "a"),
        joinList([3, 4], "w"),
        call([5, 6], "cancel", ["a", "a"], rowOf("a", "CANCELLED", 2)),
        reserve([7, 8], "b"),
        place([9, 10], "w", "lapsed", null),
        reserve([11, 12], "c", SOLD_OUT),
      ],
    ],
    [
      "two offers of one unit, of which the first is looked after last",
      [
        reserve([1, 2], "a"),
        joinList([3, 4], "w"),
        joinList([3, 4], "v"),
        call([5, 6], "cancel", ["a", "a"], rowOf("a", "CANCELLED", 2)),
        place([7, 8], "v", "offered", HOLD_MS),
        place([9, 10], "w", "lapsed", null),
      ],
    ],
    ["restocked", [reserve([1, 2], "a"), restock([3, 4], "r", 1, 2, 1), reserve([5, 6], "b")]],
    [
      "restocked by a command that was repeated",
      [restock([1, null], "r", 1, 2), restock([3, 4], "r", 1, 2)],
    ],
    ["another's order", [reserve([1, 2], "a"), call([3, 4], "order", ["a", "x"], NOT_FOUND)]],
  ])("are good: %s", (_, calls) => {
    expect(faultsOf(calls)).toEqual([]);
  });

  it.each<[string, Call[], string]>([
    ["sold twice", [reserve([1, 2], "a"), reserve([3, 4], "b")], "reserve"],
    [
      "sold twice by one call",
      [
        reserveMany(
          [1, 2],
          [
            ["a", undefined],
            ["b", undefined],
          ],
        ),
      ],
      "reserve",
    ],
    [
      "sold twice at the same time, and both bought",
      [
        reserve([1, 4], "a"),
        reserve([2, 3], "b"),
        checkout([5, 6], "a", "CONFIRMED"),
        checkout([7, 8], "b", "CONFIRMED"),
      ],
      "reserve",
    ],
    [
      "an acknowledged purchase that vanishes",
      [reserve([1, 2], "a"), call([3, 4], "order", ["a", "a"], NOT_FOUND)],
      "missing",
    ],
    [
      "a refused purchase that sells",
      [reserve([1, 2], "a", SOLD_OUT), order([3, 4], "a", "CONFIRMED", 2)],
      "seen",
    ],
    ["sold out where there is one", [reserve([1, 2], "a", SOLD_OUT)], "sold_out"],
    [
      "sold out long after the hold has ended",
      [reserve([1, 2], "a"), reserve([AFTER_MS, AFTER_MS + 1], "b", SOLD_OUT)],
      "sold_out",
    ],
    [
      "a stale read",
      [reserve([1, 2], "a"), checkout([3, 4], "a"), order([5, 6], "a", "RESERVED", 1)],
      "seen",
    ],
    [
      "another status of the same version",
      [reserve([1, 2], "a"), checkout([3, 4], "a"), order([5, 6], "a", "CONFIRMED", 2)],
      "seen",
    ],
    ["paid by nobody", [reserve([1, 2], "a"), order([5, 6], "a", "CONFIRMED", 2)], "seen"],
    ["expired before its time", [reserve([1, 2], "a"), order([5, 6], "a", "EXPIRED", 2)], "seen"],
    [
      "reserved after its time",
      [reserve([1, 2], "a"), order([AFTER_MS, AFTER_MS + 1], "a", "RESERVED", 1)],
      "seen",
    ],
    [
      "a sold unit that is sold again, and nobody gave it back",
      [reserve([1, 2], "a"), checkout([3, 4], "a", "CONFIRMED"), reserve([5, 6], "b")],
      "reserve",
    ],
    [
      "a lost update of the stock",
      [restock([1, 2], "r", 1, 2), restock([3, 4], "s", 1, 2)],
      "restock",
    ],
    [
      "restocked twice by one command",
      [restock([1, 2], "r", 1, 2), restock([3, 4], "r", 1, 3)],
      "restock",
    ],
    [
      "more than the limit",
      [reserve([1, 2], "a"), restock([3, 4], "r", 1, 2, 1), reserve([5, 6], "a2")],
      "reserve",
    ],
    [
      "an offer where nothing came free",
      [reserve([1, 2], "a"), joinList([3, 4], "w"), place([5, 6], "w", "lapsed", null)],
      "seen",
    ],
    [
      "an offer that was over before anybody waited",
      [
        reserve([1, 2], "a"),
        call([3, 4], "cancel", ["a", "a"], rowOf("a", "CANCELLED", 2)),
        reserve([5, 6], "b"),
        joinList([7, 8], "w"),
        place([9, 10], "w", "lapsed", null),
      ],
      "seen",
    ],
    [
      "a limit that nobody has reached",
      [reserve([1, 2], "a", { ok: false, code: "limit_reached", limit: 1, held: 1, bought: 0 })],
      "limit",
    ],
    [
      "never answered, and in effect before it was asked",
      [reserve([1, 2], "b", SOLD_OUT), reserve([3, null], "a")],
      "sold_out",
    ],
  ])("are bad: %s", (_, calls, kind) => {
    const faults = faultsOf(calls);
    expect(faults.length).toBeGreaterThan(0);
    expect(faults.join()).toContain(`"kind":"${kind}"`);
  });

  it("may say by a clock that jumps back that a hold is over, and that it is not", () => {
    const calls = [
      reserve([1, 2], "a"),
      order([HOLD_MS, HOLD_MS + 1], "a", "EXPIRED", 2),
      checkout([HOLD_MS + 2, HOLD_MS + 3], "a"),
    ];
    expect(faultsOf(calls, false)).toEqual([]);
    expect(faultsOf(calls)).not.toEqual([]);
  });
});
