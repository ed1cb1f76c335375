import { MockAgent } from "undici";
import { describe, expect, it } from "vitest";
import { Caller } from "./calls.ts";
import { countEnds, Crowd, type CrowdOptions, NO_BOTS } from "./crowd.ts";
import { Meter } from "./meter.ts";

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
function crowdOf(options: Partial<CrowdOptions>): { crowd: Crowd; tokens: string[] } {
  const agent = new MockAgent();
  agent.disableNetConnect();
  const shop = agent.get(ORIGIN);
  const tokens: string[] = [];
  const post = (path: string) => shop.intercept({ method: "POST", path: `/api/v1${path}` });
  post("/auth/guest").reply(201, { accessToken: "guest" }).persist();
  post("/sales/sale/queue").reply(201, ADMITTED).persist();
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
    serviceMs: null,
    declinePercent: 0,
    timeoutPercent: 0,
    abandonPercent: 0,
    doubleClickPercent: 0,
    thinkMs: 10,
    seed: 7,
    ...options,
  });
  return { crowd, tokens };
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
    const mix = { declinePercent: 20, timeoutPercent: 30 };
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

  it("leaves holds behind and clicks twice when told to", async () => {
    const { crowd, tokens } = crowdOf({ abandonPercent: 100, doubleClickPercent: 100 });
    await crowd.run();
    expect(countEnds(crowd.records)).toEqual({ abandoned: 200 });
    expect(crowd.records.every((record) => record.repeats.length === 1)).toBe(true);
    expect(tokens).toEqual([]);
  });
});
