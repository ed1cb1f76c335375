import { beforeEach, describe, expect, it } from "vitest";
import { openOrderId } from "../../../domain/order-id.ts";
import { drawnNumber, type Shuffle } from "../../../domain/queue/shuffle.ts";
import {
  FakeGateway,
  NOON_MS,
  refusal,
  sampleBoard,
  waitlistAnswer,
  type Answer,
} from "../testing/fake-gateway.ts";

const PATH = "/api/v1/sales/drop/waitlist/phone-1";

let gateway: FakeGateway;

beforeEach(() => {
  gateway = new FakeGateway();
});

async function headersOf(subject = "g_ann", ticket = gateway.ticket(subject, { number: 7 })) {
  return { ...(await gateway.bearer(subject)), "Queue-Ticket": ticket };
}

async function join(json: unknown = { quantity: 1 }, headers?: object): Promise<Answer> {
  return gateway.send("POST", PATH, { headers: { ...(await headersOf()), ...headers }, json });
}

async function ask(method: "GET" | "DELETE", path = PATH): Promise<Answer> {
  return gateway.send(method, path, { headers: await gateway.bearer("g_ann") });
}

describe("joining the waiting list", () => {
  it("asks the item's object once: with the ticket's number, and the order that an offer will be", async () => {
    let command: Record<string, unknown> = {};
    gateway.onWaitlist = (_, brought) => {
      command = brought as typeof command;
      return waitlistAnswer({}, true);
    };
    const { status, body } = await join({ quantity: 2 });
    expect(status).toBe(201);
    expect(body).toEqual({
      position: 3,
      state: "waiting",
      quantity: 1,
      pollAfterMs: expect.any(Number),
    });
    expect(command).toEqual({
      orderId: expect.any(String),
      shopper: "g_ann",
      number: 7,
      quantity: 2,
      from: expect.anything(),
    });
    expect(openOrderId(gateway.keyring, String(command["orderId"]))).toBe("phone-1");
    expect(gateway.calls).toEqual(["purchase sale", "sku phone-1 join"]);
    gateway.onWaitlist = () => waitlistAnswer({});
    expect((await join()).status).toBe(200);
  });

  it.each([
    ["no ticket", (): Promise<Record<string, string>> => gateway.bearer("g_ann")],
    ["another shopper's", () => headersOf("g_ann", gateway.ticket("g_bob"))],
    ["another sale's", () => headersOf("g_ann", gateway.ticket("g_ann", { saleId: "other" }))],
    ["a changed one", () => headersOf("g_ann", `${gateway.ticket("g_ann")}A`)],
  ])("%s is refused without a call", async (_, headers) => {
    const answer = await gateway.send("POST", PATH, {
      headers: await headers(),
      json: { quantity: 1 },
    });
    expect([answer.status, answer.body["code"]]).toEqual([403, "ticket_invalid"]);
    expect(gateway.calls.filter((call) => call.startsWith("sku"))).toEqual([]);
  });

  it("goes by the draw where places are drawn, and has to wait for it", async () => {
    const shuffle: Shuffle = {
      seedHash: "hash",
      seed: null,
      ends: [],
      drawsMax: 2,
      nextDrawAtMs: NOON_MS + 5_000,
    };
    const ticket = gateway.ticket("g_ann", { number: null, earlyIndex: 7 });
    gateway.board = sampleBoard({ shuffle });
    const early = await join({ quantity: 1 }, { "Queue-Ticket": ticket });
    expect([early.status, early.body["code"]]).toEqual([409, "order_state_conflict"]);
    expect(early.body["detail"]).toContain("not drawn yet");

    gateway.nowMs += 6_000;
    const drawn = { ...shuffle, seed: "seed", ends: [100] };
    gateway.board = sampleBoard({ shuffle: drawn, asOfMs: gateway.nowMs });
    let number: unknown;
    gateway.onWaitlist = (_, brought) => {
      ({ number } = brought as { number: unknown });
      return waitlistAnswer({}, true);
    };
    expect((await join({ quantity: 1 }, { "Queue-Ticket": ticket })).status).toBe(201);
    expect(number).toBe(drawnNumber(7, drawn));

    gateway.nowMs += 6_000;
    gateway.board = sampleBoard({ state: "prequeue", shuffle, asOfMs: gateway.nowMs });
    const before = await join({ quantity: 1 }, { "Queue-Ticket": ticket });
    expect(before.body).toMatchObject({ code: "sale_not_started", startsAt: expect.any(String) });
  });

  it("judges the body, the item and who may buy, and passes refusals on", async () => {
    for (const json of [{}, { quantity: 0 }, { quantity: 101 }, { quantity: 1.5 }])
      expect((await join(json)).body["code"]).toBe("validation_failed");
    const other = await gateway.send("POST", `${PATH}0`, {
      headers: await headersOf(),
      json: { quantity: 1 },
    });
    expect(other.body["code"]).toBe("not_found");
    gateway.onWaitlist = () => refusal("sold_out", { waitlist: false });
    expect((await join()).body).toMatchObject({ code: "sold_out", waitlist: false });
    gateway.sale.definition.allowGuests = false;
    expect((await join()).body["code"]).toBe("guest_not_allowed");
    expect((await gateway.send("POST", PATH, { json: { quantity: 1 } })).status).toBe(401);
  });

  it("tells the item a keyed hash of the network where units are counted by it", async () => {
    const told: unknown[] = [];
    gateway.onWaitlist = (_, brought) => {
      told.push((brought as Record<string, unknown>)["address"]);
      return waitlistAnswer({});
    };
    await join({ quantity: 1 }, { "CF-Connecting-IP": "203.0.113.7" });
    gateway.sale.definition.perAddress = 3;
    await join({ quantity: 1 }, { "CF-Connecting-IP": "203.0.113.7" });
    expect(told).toEqual([undefined, expect.stringMatching(/^[A-Za-z0-9_-]{22}$/)]);
  });
});

describe("a place on the list", () => {
  it("says what is offered and until when; the ticket is not needed to look", async () => {
    gateway.onWaitlist = (call, brought) => {
      expect([call, brought]).toEqual(["place", "g_ann"]);
      const offer = { orderId: "phone-1.x.y", offerExpiresAtMs: NOON_MS + 120_000 };
      return waitlistAnswer({ state: "offered", position: null, ...offer });
    };
    const { status, body } = await ask("GET");
    expect([status, body]).toEqual([
      200,
      {
        position: null,
        state: "offered",
        quantity: 1,
        orderId: "phone-1.x.y",
        offerExpiresAt: "2026-11-21T12:02:00.000Z",
        pollAfterMs: expect.any(Number),
      },
    ]);
    gateway.onWaitlist = () => refusal("not_found");
    expect((await ask("GET")).status).toBe(404);
    expect((await ask("GET", "/api/v1/sales/drop/waitlist/none")).status).toBe(404);
  });

  it.each([
    [1, 5_000],
    [10, 5_000],
    [11, 15_000],
    [100, 15_000],
    [101, 60_000],
    [9_000, 60_000],
    [null, 15_000],
  ])("number %i looks again after about %i ms", async (position, aboutMs) => {
    for (const number of [1, 2, 3, 1_000_003]) {
      gateway.onWaitlist = () => waitlistAnswer({ position, number });
      const pauseMs = Number((await ask("GET")).body["pollAfterMs"]);
      expect(Math.abs(pauseMs / aboutMs - 1)).toBeLessThanOrEqual(0.15);
    }
  });

  it("is given up with no more to say, unless a payment of the offer runs", async () => {
    const left = await ask("DELETE");
    expect([left.status, left.text]).toEqual([204, ""]);
    expect(gateway.calls.at(-1)).toBe("sku phone-1 leave");
    gateway.onWaitlist = () => refusal("order_state_conflict", { detail: "It is paid." });
    expect((await ask("DELETE")).body).toMatchObject({ code: "order_state_conflict" });
  });
});
