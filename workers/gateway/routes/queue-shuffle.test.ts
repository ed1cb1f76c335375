import { beforeEach, describe, expect, it } from "vitest";
import { drawnNumber, type Shuffle } from "../../../domain/queue/shuffle.ts";
import { openPass, openTicket } from "../../../domain/token.ts";
import {
  FakeGateway,
  grantedAnswer,
  NOON_MS,
  placeAnswer,
  sampleBoard,
  type Answer,
} from "../testing/fake-gateway.ts";

const PATH = "/api/v1/sales/drop/queue";
const COUNT = 1_000_000;
const SHUFFLE: Shuffle = {
  seedHash: "hash",
  seed: null,
  ends: [],
  drawsMax: 1,
  nextDrawAtMs: null,
};
const DRAWN: Shuffle = { ...SHUFFLE, seed: "seed", ends: [COUNT] };
/** Early entrant 7 of a million. */
const NUMBER = drawnNumber(7, DRAWN) ?? 0;

let gateway: FakeGateway;
let headers: Record<string, string>;

beforeEach(async () => {
  gateway = new FakeGateway();
  gateway.board = sampleBoard({ state: "prequeue", shuffle: SHUFFLE });
  gateway.onLane = () => placeAnswer({ number: 7 });
  headers = {
    "Queue-Ticket": gateway.ticket("g_ann", { number: null, earlyIndex: 7 }),
    ...(await gateway.bearer("g_ann")),
  };
});

/** The sale has started, and so many of the line are invited. */
function start(cursor = 0, shuffle = DRAWN): void {
  gateway.nowMs += 3_000;
  const asOfMs = gateway.nowMs;
  gateway.board = sampleBoard({ shuffle, cursor, asOfMs });
}

function poll(own = headers): Promise<Answer> {
  return gateway.send("GET", PATH, { headers: own });
}

function laneCalls(): string[] {
  return gateway.calls.filter((call) => call.startsWith("lane"));
}

describe("an early entrant of a shuffled sale", () => {
  it("has no number before the start, and a ticket with the early index", async () => {
    const { Authorization = "" } = headers;
    const joined = await gateway.send("POST", PATH, { headers: { Authorization }, json: {} });
    expect(joined.body).toMatchObject({ state: "early", number: null, ahead: null });
    const ticket = openTicket(gateway.keyring, String(joined.body["ticket"]));
    expect(ticket).toMatchObject({ number: null, earlyIndex: 7 });
    const { body } = await poll();
    expect(body).toMatchObject({ state: "early", number: null, ahead: null, estimate: null });
    expect(body).not.toHaveProperty("ticket");
  });

  it("gets the number with the first look after the start, the same each time, without a call", async () => {
    start();
    const { body, headers: sent } = await poll();
    expect(body).toMatchObject({ state: "waiting", number: NUMBER, ahead: NUMBER - 1 });
    const token = String(body["ticket"]);
    expect(openTicket(gateway.keyring, token)).toMatchObject({ number: NUMBER, earlyIndex: 7 });
    expect(sent.getSetCookie().join()).toContain("__Host-t-drop=");
    expect((await poll()).body["ticket"]).toBe(token);
    const again = await poll({ ...headers, "Queue-Ticket": token });
    expect(again.body).toMatchObject({ number: NUMBER });
    expect(again.body).not.toHaveProperty("ticket");
    expect(laneCalls()).toEqual([]);
  });

  it("looks again soon where the edge has not heard of the start", async () => {
    start(0, SHUFFLE);
    const { body } = await poll();
    expect(body).toMatchObject({ state: "early", number: null });
    expect(body["pollAfterMs"]).toBeLessThan(2_000);
    expect(laneCalls()).toEqual([]);
  });

  it("claims under the index and gets a pass for the number, with old ticket and new", async () => {
    start(NUMBER);
    gateway.onLane = () => grantedAnswer({ number: 7, expiresAtMs: gateway.nowMs + 300_000 });
    const first = (await poll()).body;
    expect(first).toMatchObject({ state: "admitted", number: NUMBER });
    expect(openPass(gateway.keyring, String(first["pass"]))).toMatchObject({ number: NUMBER });
    const second = (await poll({ ...headers, "Queue-Ticket": String(first["ticket"]) })).body;
    expect(second["pass"]).toBe(first["pass"]);
    expect(gateway.laneNumbers).toEqual([7, 7]);
    const held = { ...headers, "Queue-Pass": String(first["pass"]) };
    expect((await poll(held)).body).toMatchObject({ state: "admitted", pass: first["pass"] });
    expect(laneCalls()).toHaveLength(2);
  });

  it("who joined behind the start has the number in order, whatever the edge knew", async () => {
    const late = gateway.ticket("g_ann", { number: null, earlyIndex: COUNT + 5 });
    start();
    const { body } = await poll({ ...headers, "Queue-Ticket": late });
    expect(body).toMatchObject({ state: "waiting", number: COUNT + 5 });
    const ticket = openTicket(gateway.keyring, String(body["ticket"]));
    expect(ticket).not.toHaveProperty("earlyIndex");
  });

  it("leaves under the index, before the start and after", async () => {
    for (const isStarted of [false, true]) {
      if (isStarted) start();
      expect((await gateway.send("DELETE", PATH, { headers })).status).toBe(204);
    }
    expect(gateway.laneNumbers).toEqual([7, 7]);
  });

  it("waits without a number for the public value that the draw waits for, and is told which", async () => {
    const named = { source: "drand", round: "4711" };
    const closed = { ...SHUFFLE, closed: COUNT, publicRandomness: { ...named, value: null } };
    start(0, closed);
    const { body } = await poll();
    expect(body).toMatchObject({ state: "waiting", number: null, ahead: null, drawsAfter: named });
    // A crowd waits for it, and nobody knows for how long.
    expect(body["pollAfterMs"]).toBeGreaterThan(4_000);
    const late = gateway.ticket("g_ann", { number: null, earlyIndex: COUNT + 5 });
    expect((await poll({ ...headers, "Queue-Ticket": late })).body).toMatchObject({
      state: "waiting",
      number: null,
    });
    const { Authorization = "" } = headers;
    const joined = await gateway.send("POST", PATH, { headers: { Authorization }, json: {} });
    expect(joined.body).toMatchObject({ state: "waiting", number: null, drawsAfter: named });
    const drawn = { ...DRAWN, publicRandomness: { ...named, value: "cafe" } };
    start(0, drawn);
    const told = (await poll()).body;
    expect(told).toMatchObject({ state: "waiting", number: drawnNumber(7, drawn) });
    expect(told["number"]).not.toBe(NUMBER);
    expect(told).not.toHaveProperty("drawsAfter");
  });

  it("is told of the end like everybody else", async () => {
    start();
    gateway.board = sampleBoard({ state: "ended", shuffle: SHUFFLE, asOfMs: NOON_MS + 3_000 });
    expect((await poll()).body).toMatchObject({ state: "closed", reason: "ended", number: null });
  });
});

describe("where places are drawn in rounds", () => {
  const DRAWS_AT_MS = NOON_MS + 20_000;
  const ROUNDS: Shuffle = { ...SHUFFLE, drawsMax: 960, ends: [0], nextDrawAtMs: DRAWS_AT_MS };

  it("a shopper waits for the draw without a number, and is told when it comes", async () => {
    gateway.board = sampleBoard({ shuffle: ROUNDS });
    const { body } = await poll();
    const drawsAt = new Date(DRAWS_AT_MS).toISOString();
    expect(body).toMatchObject({ state: "waiting", number: null, ahead: null, drawsAt });
    expect(body["pollAfterMs"]).toBeGreaterThan(20_000);
    expect(body["pollAfterMs"]).toBeLessThan(25_000);
    expect(laneCalls()).toEqual([]);
  });

  it("has a number after it, and its ticket with the first look", async () => {
    gateway.board = sampleBoard({ shuffle: { ...ROUNDS, seed: "seed", ends: [0, 10] } });
    const { body } = await poll();
    expect(body["number"]).toBeLessThanOrEqual(10);
    expect(body).not.toHaveProperty("drawsAt");
    expect(openTicket(gateway.keyring, String(body["ticket"]))?.number).toBe(body["number"]);
  });

  it("is told that all is sold also without a number", async () => {
    const levels = [{ sku: "phone", stock: 1, available: 0, held: 0, sold: 1 }];
    gateway.board = sampleBoard({ shuffle: ROUNDS, state: "sold_out", levels });
    expect((await poll()).body).toMatchObject({ state: "closed", reason: "sold_out" });
  });
});
