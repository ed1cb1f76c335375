import { describe, expect, it } from "vitest";
import {
  control,
  HOUR_MS,
  hold,
  item,
  level,
  NOON_MS,
  payment,
} from "../../test/system/support/samples.ts";
import type { Hold, OrderStatus } from "./hold.ts";
import type { Item } from "./stock.ts";
import type { ShopperUnits } from "./shopper-units.ts";
import {
  joinWaitlist,
  leaveWaitlist,
  offerExpiresAtMs,
  offersAgainAtMs,
  offerTo,
  standing,
  type WaitlistCommand,
  type WaitlistEntry,
} from "./waitlist.ts";

const NONE: ShopperUnits = { held: 0, bought: 0 };

/** All ten units are held. */
const SOLD_OUT = item({ level: level(10, 10) });

function command(changes: Partial<WaitlistCommand> = {}): WaitlistCommand {
  return { orderId: "order-2", shopper: "ada", number: 7, quantity: 1, ...changes };
}

function entry(changes: Partial<WaitlistEntry> = {}): WaitlistEntry {
  const place = { orderId: "order-1", lapses: 0, state: "waiting", joinedAtMs: NOON_MS } as const;
  return { ...command(), ...place, ...changes };
}

function join(
  stored: Item,
  earlier: WaitlistEntry | null = null,
  offer: Hold | null = null,
  wanted = command(),
  units = NONE,
) {
  return joinWaitlist(stored, earlier, offer, units, NONE, wanted, NOON_MS + 1);
}

describe("joining", () => {
  it("makes an entry with the order id of its offer", () => {
    expect(join(SOLD_OUT)).toEqual({
      ok: true,
      isNew: true,
      entry: { ...command(), lapses: 0, state: "waiting", joinedAtMs: NOON_MS + 1 },
    });
  });

  it.each<[name: string, stored: Partial<Item>, code: string]>([
    ["a revoked number", { control: control({ revoked: [7] }) }, "ticket_invalid"],
    ["a draft", { control: control({ mode: "draft" }) }, "sale_not_started"],
    ["before the start", { control: control({ startsAtMs: NOON_MS + 2 }) }, "sale_not_started"],
    ["after the end", { control: control({ endsAtMs: NOON_MS }) }, "sale_ended"],
    ["over the limit", { perShopper: 0 }, "limit_reached"],
    ["units that are to be had", { level: level(10, 9) }, "order_state_conflict"],
    ["a full list", { waiting: { count: 10_000, least: null } }, "sold_out"],
  ])("is refused for %s", (_, stored, code) => {
    expect(join({ ...SOLD_OUT, ...stored })).toMatchObject({ ok: false, code });
  });

  it("goes on while the sale is paused, and while what is available is owed to others", () => {
    expect(join({ ...SOLD_OUT, control: control({ mode: "paused" }) })).toMatchObject({ ok: true });
    const owed = { level: level(10, 8), waiting: { count: 1, least: 2 } };
    expect(join({ ...SOLD_OUT, ...owed })).toMatchObject({ ok: true, isNew: true });
    const tooFew = { level: level(10, 9), waiting: { count: 1, least: 2 } };
    expect(join({ ...SOLD_OUT, ...tooFew })).toMatchObject({ code: "order_state_conflict" });
  });

  it("again keeps the entry, a full list or not; another quantity keeps the place", () => {
    const full = { ...SOLD_OUT, waiting: { count: 10_000, least: null } };
    expect(join(full, entry())).toEqual({ ok: true, isNew: false, entry: entry() });
    const two = join(full, entry(), null, command({ quantity: 2 }));
    expect(two).toEqual({ ok: true, isNew: false, entry: entry({ quantity: 2 }) });
    const three = join(full, entry(), null, command({ quantity: 3 }));
    expect(three).toMatchObject({ code: "limit_reached", limit: 2 });
  });

  it.each<[OrderStatus, isNew: boolean, lapses: number]>([
    ["RESERVED", false, 0],
    ["PAYMENT_PENDING", false, 0],
    ["CONFIRMED", true, 0],
    ["REFUNDED", true, 0],
    ["EXPIRED", true, 1],
    ["PAYMENT_FAILED", true, 1],
    ["CANCELLED", true, 1],
  ])("again with an offer that is %s: new %s, offers let go %i", (status, isNew, lapses) => {
    const joined = join(SOLD_OUT, entry({ state: "offered" }), hold({ status }));
    expect(joined).toMatchObject({ ok: true, isNew, entry: { lapses } });
  });

  it("again after one could not be made an offer stands behind, after leaving it does not", () => {
    expect(join(SOLD_OUT, entry({ state: "lapsed", lapses: 2 }))).toMatchObject({
      entry: { lapses: 3, state: "waiting", orderId: "order-2" },
    });
    expect(join(SOLD_OUT, entry({ state: "left", lapses: 2 }))).toMatchObject({
      entry: { lapses: 2, state: "waiting" },
    });
  });
});

describe("an offer", () => {
  const free = item({ level: level(10, 8) });

  it("is a hold under its order id, for as long as any other", () => {
    const offer = offerTo(free, entry({ quantity: 2 }), NONE, NONE, NOON_MS);
    expect(offer?.entry.state).toBe("offered");
    expect(offer?.change).toMatchObject({
      type: "offered",
      level: level(10, 10),
      hold: {
        orderId: "order-1",
        idempotencyKey: "order-1",
        bodyHash: "",
        shopper: "ada",
        number: 7,
        quantity: 2,
        total: { amount: 99_800, currency: "EUR" },
        expiresAtMs: NOON_MS + 120_000,
        status: "RESERVED",
        version: 1,
      },
    });
  });

  it("is of the whole quantity or not made; who may not have it is let go", () => {
    expect(offerTo(free, entry({ quantity: 3 }), NONE, NONE, NOON_MS)).toBeNull();
    const letGo = { entry: { state: "lapsed" }, change: null };
    const held = { held: 2, bought: 0 };
    expect(offerTo(free, entry(), held, NONE, NOON_MS)).toMatchObject(letGo);
    const revoked = { ...free, control: control({ revoked: [7] }) };
    expect(offerTo(revoked, entry(), NONE, NONE, NOON_MS)).toMatchObject(letGo);
    const byAddress = { ...free, perAddress: 2 };
    const crowded = entry({ address: "network" });
    expect(offerTo(byAddress, crowded, NONE, held, NOON_MS)).toMatchObject(letGo);
  });
});

describe("units that are owed", () => {
  const owed = item({ level: level(10, 9), waiting: { count: 1, least: 1 } });

  it.each<[name: string, stored: Item, atMs: number | null]>([
    ["are offered now", owed, NOON_MS],
    ["at the start", { ...owed, control: control({ startsAtMs: NOON_MS + 5 }) }, NOON_MS + 5],
    ["not while paused", { ...owed, control: control({ mode: "paused" }) }, null],
    ["not after the end", { ...owed, control: control({ endsAtMs: NOON_MS }) }, null],
    ["unless nobody fits", { ...owed, waiting: { count: 1, least: 2 } }, null],
  ])("%s", (_, stored, atMs) => {
    expect(offersAgainAtMs(stored, NOON_MS)).toBe(atMs);
  });
});

describe("leaving", () => {
  it.each<[WaitlistEntry["state"], OrderStatus | null, expected: object]>([
    ["waiting", null, { ok: true, entry: { state: "left" }, change: null }],
    ["left", null, { ok: true, entry: null, change: null }],
    ["lapsed", null, { ok: true, entry: null, change: null }],
    ["offered", "RESERVED", { ok: true, entry: null, change: { type: "cancelled" } }],
    ["offered", "PAYMENT_PENDING", { ok: false, code: "order_state_conflict" }],
    ["offered", "CONFIRMED", { ok: true, entry: null, change: null }],
    ["offered", "EXPIRED", { ok: true, entry: null, change: null }],
  ])("%s, the offer %s", (state, status, expected) => {
    const offer = status && hold({ status });
    expect(leaveWaitlist(SOLD_OUT, entry({ state }), offer, NOON_MS)).toMatchObject(expected);
  });

  it("is nothing for who is not on the list", () => {
    expect(leaveWaitlist(SOLD_OUT, null, null, NOON_MS)).toMatchObject({ ok: true, change: null });
  });
});

describe("how an entry stands", () => {
  const stateOf = (one: WaitlistEntry, offer: Hold | null, nowMs = NOON_MS) =>
    standing(SOLD_OUT, one, offer, nowMs)?.state ?? null;

  it("follows from the entry, its hold and the time", () => {
    expect(stateOf(entry(), null)).toBe("waiting");
    expect(stateOf(entry(), null, NOON_MS + HOUR_MS)).toBe("lapsed");
    expect(stateOf(entry({ state: "left" }), null)).toBeNull();
    expect(stateOf(entry({ state: "lapsed" }), null)).toBe("lapsed");
    const offered = entry({ state: "offered" });
    const reserved = hold({ expiresAtMs: NOON_MS + 5 });
    expect(stateOf(offered, reserved, NOON_MS + 4)).toBe("offered");
    expect(stateOf(offered, reserved, NOON_MS + 5)).toBe("lapsed");
    const pending = hold({ status: "PAYMENT_PENDING", payment: payment() });
    expect(stateOf(offered, pending, NOON_MS + 89_999)).toBe("offered");
    expect(stateOf(offered, pending, NOON_MS + 90_000)).toBe("lapsed");
    expect(stateOf(offered, hold({ status: "CONFIRMED" }), NOON_MS + HOUR_MS)).toBe("offered");
  });

  it("tells until when an offer is open", () => {
    expect(offerExpiresAtMs(hold())).toBe(NOON_MS + 120_000);
    expect(offerExpiresAtMs(hold({ status: "CONFIRMED" }))).toBeNull();
    expect(offerExpiresAtMs(null)).toBeNull();
  });
});
