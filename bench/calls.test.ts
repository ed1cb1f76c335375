import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { MockAgent } from "undici";
import { describe, expect, it } from "vitest";
import { CallFaults, type CallFaultRates } from "./call-faults.ts";
import { type Call, Caller, GaveUp, problemOf, TimeOver } from "./calls.ts";
import type { Clock } from "./clock.ts";
import { Meter } from "./meter.ts";
import { seededRandom } from "../domain/random.ts";

const ORIGIN = "http://ropeline.test";
const SECOND_EDGE = "http://second.ropeline.test";
const PURCHASE: Call = {
  kind: "purchase",
  method: "POST",
  path: "/purchase",
  headers: { "idempotency-key": "key-1" },
  body: '{"quantity":1}',
};

/** A clock that jumps instead of sleeping, and remembers how long the sleeps were. */
function jumpingClock(): Clock & { sleeps: number[] } {
  let nowMs = 0;
  const sleeps: number[] = [];
  const sleep = async (ms: number): Promise<void> => {
    sleeps.push(ms);
    nowMs += ms;
  };
  return { nowMs: () => nowMs, sleep, sleeps };
}

/** A caller against scripted answers; what was sent is kept. */
function setUp(deadlineMs?: number, rates?: CallFaultRates, secondEdge: string | null = null) {
  const agent = new MockAgent();
  agent.disableNetConnect();
  const clock = jumpingClock();
  const meter = new Meter();
  const caller = new Caller({
    origin: ORIGIN,
    secondEdge,
    connections: 1,
    clock,
    random: seededRandom(1),
    meter,
    dispatcher: agent,
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
    ...(rates === undefined ? {} : { faults: new CallFaults(rates, () => 0.5) }),
  });
  return { agent, clock, meter, caller, purchases: agent.get(ORIGIN) };
}

const anyPurchase = { path: "/purchase", method: "POST" };
/** Only the purchase exactly as it was sent first. */
const samePurchase = {
  ...anyPurchase,
  headers: { "idempotency-key": "key-1" },
  body: '{"quantity":1}',
};

function lostConnection(): Error {
  return Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
}

describe("a call", () => {
  it("goes to the second edge where it asks nothing of the line", async () => {
    const { agent, caller, purchases } = setUp(undefined, undefined, SECOND_EDGE);
    const second = agent.get(SECOND_EDGE);
    purchases.intercept({ path: "/queue", method: "POST" }).reply(201, "first");
    second.intercept(samePurchase).reply(202, "second");
    const joined = await caller.call({ ...PURCHASE, kind: "join", path: "/queue" });
    expect(joined.text).toBe("first");
    expect((await caller.call(PURCHASE)).text).toBe("second");
  });

  it("is sent again unchanged after a lost connection", async () => {
    const { caller, clock, meter, purchases } = setUp();
    purchases.intercept(samePurchase).replyWithError(lostConnection());
    purchases.intercept(samePurchase).reply(202, '{"orderId":"o"}');
    const answer = await caller.call(PURCHASE);
    expect(answer).toMatchObject({ status: 202, text: '{"orderId":"o"}', firstSentAtMs: 0 });
    expect(answer.answeredAtMs).toBe(clock.sleeps[0]);
    expect(meter.lostConnections).toBe(1);
    expect(meter.answered).toBe(1);
  });

  it("comes back no sooner than a busy system asks", async () => {
    const { caller, clock, meter, purchases } = setUp();
    const headers = { "retry-after": "3" };
    purchases.intercept(samePurchase).reply(503, '{"code":"busy"}', { headers });
    purchases.intercept(samePurchase).reply(202, "{}");
    expect((await caller.call(PURCHASE)).status).toBe(202);
    expect(clock.sleeps[0]).toBeGreaterThanOrEqual(3000);
    expect(meter.busy).toBe(1);
  });

  it("is not sent again after an answer that is one", async () => {
    const { caller, purchases } = setUp();
    purchases.intercept(anyPurchase).reply(409, '{"code":"sold_out"}');
    const answer = await caller.call(PURCHASE);
    expect(problemOf(answer).code).toBe("sold_out");
  });

  it("returns a server error that stays", async () => {
    const { caller, meter, purchases } = setUp();
    purchases.intercept(anyPurchase).reply(500, "oops").persist();
    const answer = await caller.call(PURCHASE);
    expect(answer.status).toBe(500);
    expect(problemOf(answer)).toEqual({});
    expect(meter.serverErrors).toBe(5);
  });

  it("is given up when the outage lasts", async () => {
    const { caller, clock, purchases } = setUp();
    purchases.intercept(anyPurchase).replyWithError(lostConnection()).persist();
    await expect(caller.call(PURCHASE)).rejects.toThrow(GaveUp);
    expect(clock.nowMs()).toBeGreaterThan(170_000);
    expect(Math.max(...clock.sleeps)).toBeLessThanOrEqual(2000);
  });

  it("is not sent again after the deadline, nor slept beyond it", async () => {
    const { caller, clock, purchases } = setUp(1000);
    purchases.intercept(anyPurchase).replyWithError(lostConnection()).persist();
    await expect(caller.call(PURCHASE)).rejects.toThrow(TimeOver);
    await expect(caller.sleep(1)).rejects.toThrow(TimeOver);
    expect(clock.nowMs()).toBe(1000);
  });

  it("is sent two times at once when calls are doubled", async () => {
    const { caller, meter, purchases } = setUp(undefined, { doublePercent: 51, losePercent: 0 });
    purchases.intercept(samePurchase).reply(202, "{}").times(2);
    expect((await caller.call(PURCHASE)).status).toBe(202);
    expect(meter.answered).toBe(2);
  });

  it("is sent again, unchanged, when its answer is lost on purpose", async () => {
    const { caller, meter, purchases } = setUp(1000, { doublePercent: 0, losePercent: 51 });
    purchases.intercept(samePurchase).reply(202, "{}").persist();
    await expect(caller.call(PURCHASE)).rejects.toThrow(TimeOver);
    expect(meter.answered).toBeGreaterThan(2);
  });

  it("does not hide a mistake of the driver as a lost connection", async () => {
    const { caller, purchases } = setUp();
    purchases.intercept(anyPurchase).replyWithError(new TypeError("bad argument"));
    await expect(caller.call(PURCHASE)).rejects.toThrow("bad argument");
  });
});

it("whoever waits or buys gets a connection though all who arrive hang", async () => {
  const server = createServer((request, response) => {
    // Nobody is ever numbered here.
    if (request.url !== "/join") response.end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const caller = new Caller({
    origin: `http://127.0.0.1:${port}`,
    connections: 1,
    clock: jumpingClock(),
    random: seededRandom(1),
    meter: new Meter(),
  });
  const joined = caller.call({ ...PURCHASE, kind: "join", path: "/join" }).catch(() => "given up");
  const poll: Call = { ...PURCHASE, kind: "waiting poll", path: "/poll" };
  expect(await caller.call(poll)).toMatchObject({ status: 200 });
  expect(await caller.call(PURCHASE)).toMatchObject({ status: 200 });
  await caller.close();
  server.close();
  expect(await joined).toBe("given up");
});

describe("faults on purpose", () => {
  it("come as often as asked for, and are counted", () => {
    const random = seededRandom(3);
    const faults = new CallFaults({ doublePercent: 10, losePercent: 20 }, random);
    const drawn = Array.from({ length: 2000 }, () => faults.next());
    const count = (fault: string): number => drawn.filter((name) => name === fault).length;
    expect(count("doubled")).toBe(faults.doubled);
    expect(count("lost")).toBe(faults.lost);
    expect(Math.abs(faults.doubled / 2000 - 0.1)).toBeLessThan(0.03);
    expect(Math.abs(faults.lost / 2000 - 0.2)).toBeLessThan(0.03);
  });
});
