import { MockAgent } from "undici";
import { describe, expect, it } from "vitest";
import { drawArrivals } from "./arrivals.ts";
import { Caller } from "./calls.ts";
import { countEnds, Crowd, type CrowdOptions, NO_BOTS } from "./crowd.ts";
import { Meter } from "./meter.ts";
import { seededRandom } from "../domain/random.ts";

const ORIGIN = "http://ropeline.test";
const HOLD = { orderId: "order", status: "RESERVED", expiresAt: "later", total: {} };
const ADMITTED = {
  state: "admitted",
  reason: null,
  number: 1,
  ahead: 0,
  pollAfterMs: 1000,
  nowServing: 1,
  ticket: "ticket",
  pass: "pass",
};

/** A crowd in a shop that lets everyone in and confirms every order. */
function crowdOf(options: Partial<CrowdOptions>) {
  const agent = new MockAgent();
  agent.disableNetConnect();
  const shop = agent.get(ORIGIN);
  const tokens: string[] = [];
  const calls = { guests: 0, guestsBeforeStart: 0, joins: 0, leaves: 0 };
  const post = (path: string) => shop.intercept({ method: "POST", path: `/api/v1${path}` });
  const guest = post("/auth/guest").reply(201, () => {
    calls.guests += 1;
    if (crowd.startMs === Number.POSITIVE_INFINITY) calls.guestsBeforeStart += 1;
    return { accessToken: "guest" };
  });
  guest.persist();
  const join = post("/sales/sale/queue").reply(201, () => {
    calls.joins += 1;
    return ADMITTED;
  });
  join.persist();
  const leave = shop.intercept({ method: "DELETE", path: "/api/v1/sales/sale/queue" });
  leave.reply(204, () => void (calls.leaves += 1)).persist();
  post("/sales/sale/purchase").reply(202, HOLD).persist();
  const checkout = post("/orders/order/checkout").reply(202, ({ body }) => {
    tokens.push(/tok_\w+/.exec(typeof body === "string" ? body : "")?.[0] ?? "");
    return { ...HOLD, status: "PAYMENT_PENDING" };
  });
  checkout.persist();
  const status = { ...HOLD, status: "CONFIRMED", version: 2 };
  shop.intercept({ path: "/api/v1/orders/order/status" }).reply(200, status).persist();
  let nowMs = 0;
  const sleep = async (ms: number): Promise<void> => {
    nowMs += ms;
  };
  const caller = new Caller({
    origin: ORIGIN,
    connections: 1,
    clock: { nowMs: () => nowMs, sleep },
    random: () => 0.5,
    meter: new Meter(),
    dispatcher: agent,
  });
  const crowd = new Crowd({
    caller,
    saleId: "sale",
    sku: "sku",
    arrivals: [{ afterSeconds: 0, seconds: 1, shoppers: 200 }],
    bots: NO_BOTS,
    tokensFirst: false,
    closeTabPercent: 0,
    socketPercent: 0,
    serviceMs: null,
    payments: {},
    retryPercent: 0,
    walkAwayPercent: 0,
    listPercent: 0,
    doubleClickPercent: 0,
    thinkMs: 10,
    seed: 7,
    ...options,
  });
  return { crowd, tokens, calls };
}

describe("a crowd", () => {
  it("sends every shopper to the end", async () => {
    const { crowd } = crowdOf({});
    await crowd.run();
    const nobody = { waiting: 0, inside: 0, held: 0 };
    expect(crowd.counts()).toEqual({ ...nobody, joined: 200, bought: 200, ended: 200 });
    expect(countEnds(crowd.records)).toEqual({ bought: 200 });
  });

  it("mixes payments by their percents, the same for the same seed", async () => {
    const mix = { payments: { decline: 20, timeout: 30 } };
    const [one, other] = [crowdOf(mix), crowdOf(mix)];
    await one.crowd.run();
    await other.crowd.run();
    expect(one.tokens.toSorted()).toEqual(other.tokens.toSorted());
    const share = (token: string): number =>
      one.tokens.filter((candidate) => candidate === token).length / one.tokens.length;
    expect(Math.abs(share("tok_decline") - 0.2)).toBeLessThan(0.1);
    expect(Math.abs(share("tok_timeout") - 0.3)).toBeLessThan(0.1);
    expect(Math.abs(share("tok_ok") - 0.5)).toBeLessThan(0.1);
  });

  it("leaves holds and payments behind and clicks twice when told to", async () => {
    const { crowd, tokens } = crowdOf({ walkAwayPercent: 100, doubleClickPercent: 100 });
    await crowd.run();
    expect(countEnds(crowd.records)).toEqual({ walked_away: 200 });
    const beforePaying = crowd.records.filter(({ repeats }) => repeats.length === 1).length;
    expect(Math.abs(beforePaying / 200 - 0.5)).toBeLessThan(0.1);
    expect(tokens).toHaveLength(2 * (200 - beforePaying));
  });

  it("has tokens before the first arrival when the page was open", async () => {
    const early = crowdOf({ tokensFirst: true });
    await early.crowd.run();
    expect(early.calls).toMatchObject({ guests: 200, guestsBeforeStart: 200 });
    const late = crowdOf({});
    await late.crowd.run();
    expect(late.calls).toMatchObject({ guests: 200, guestsBeforeStart: 0 });
  });

  it("closes tabs after the join, or lets everyone look around and leave", async () => {
    const closing = crowdOf({ closeTabPercent: 30 });
    await closing.crowd.run();
    const { gone = 0, bought = 0 } = countEnds(closing.crowd.records);
    expect(gone + bought).toBe(200);
    expect(Math.abs(gone / 200 - 0.3)).toBeLessThan(0.1);
    const browsing = crowdOf({ serviceMs: 5000 });
    await browsing.crowd.run();
    expect(countEnds(browsing.crowd.records)).toEqual({ browsed: 200 });
    expect(browsing.calls.leaves).toBe(200);
  });

  it("has bots that come back as new guests, and moves nobody else's arrival", async () => {
    const bots = { percent: 50, joins: 4, pauseMs: 500 };
    const { crowd, calls } = crowdOf({ bots, tokensFirst: true });
    await crowd.run();
    const { gone = 0, bought = 0 } = countEnds(crowd.records);
    expect(gone % 4).toBe(0);
    expect(gone / 4 + bought).toBe(200);
    expect(Math.abs(gone / 4 / 200 - 0.5)).toBeLessThan(0.1);
    expect(calls).toMatchObject({ guests: gone + bought, guestsBeforeStart: bought });
  });

  it("arrives in phases", async () => {
    const arrivals = [
      { afterSeconds: 0, seconds: 1, shoppers: 3 },
      { afterSeconds: 10, seconds: 2, shoppers: 5 },
    ];
    const seeded = (seed: number) => drawArrivals(arrivals, NO_BOTS, seededRandom(seed), () => 1);
    const times = seeded(1).map(({ afterMs }) => afterMs);
    expect(times.filter((ms) => ms >= 0 && ms < 1000)).toHaveLength(3);
    expect(times.filter((ms) => ms >= 10_000 && ms < 12_000)).toHaveLength(5);
    expect(seeded(1)).toEqual(seeded(1));
  });
});
