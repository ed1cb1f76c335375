import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { WaitlistView } from "./contract.ts";
import { ListFlow } from "./list-flow.ts";
import { saleSession } from "./session.ts";
import { save } from "./storage.ts";

const START_MS = Date.UTC(2026, 10, 22, 12);

let asked: string[];
/** What the shop says of the place; null for who is not on the list. */
let place: WaitlistView | null;
let isLive: boolean;
let changes: number;

const waiting = (position: number): WaitlistView => ({
  state: "waiting",
  position,
  quantity: 1,
  pollAfterMs: 5_000,
});
const OFFERED: WaitlistView = { ...waiting(1), state: "offered", position: null, orderId: "o1" };

beforeEach(() => {
  vi.useFakeTimers({ now: START_MS });
  vi.spyOn(Math, "random").mockReturnValue(0);
  asked = [];
  place = waiting(2);
  isLive = false;
  changes = 0;
  vi.stubGlobal("addEventListener", () => undefined);
  vi.stubGlobal("document", Object.assign(new EventTarget(), { hidden: false }));
  vi.stubGlobal("fetch", answer);
  save("guest", { accessToken: "g", expiresAtMs: START_MS + 86_400_000 });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

async function answer(path: string, { method = "GET" }: RequestInit): Promise<Response> {
  asked.push(`${method} ${path}`);
  if (method === "DELETE") {
    return new Response(null, { status: 204 });
  }
  const headers = { "Content-Type": "application/problem+json" };
  return place === null
    ? new Response('{"status":404,"code":"not_found"}', { status: 404, headers })
    : Response.json(place);
}

function flowOf(saleId: string): ListFlow {
  saleSession(saleId).setTicket("t");
  return new ListFlow(saleId, saleSession(saleId), {
    changed: () => (changes += 1),
    isLive: () => isLive,
    failures: () => undefined,
  });
}

const pass = (seconds: number): Promise<unknown> => vi.advanceTimersByTimeAsync(seconds * 1_000);
const polls = (): number => asked.filter((call) => call.startsWith("GET")).length;
const news = (offered: number[]) => [
  { sku: "phone", stock: 1, available: 0, held: 1, sold: 0, offered },
];

describe("a place on the list", () => {
  test("is joined, asked for as told, and kept over a reload", async () => {
    const flow = flowOf("keep");
    await pass(10);
    expect([asked, flow.held]).toEqual([[], null]);
    await flow.join("phone", 1);
    expect(asked).toEqual(["POST /api/v1/sales/keep/waitlist/phone"]);
    expect(flow.held).toMatchObject({ sku: "phone", view: { position: 2 }, orderId: null });
    place = waiting(1);
    await pass(5);
    expect(flow.held?.view?.position).toBe(1);

    const reloaded = flowOf("keep");
    expect(reloaded.held).toEqual({ sku: "phone", view: null, orderId: null });
    await pass(0);
    expect(reloaded.held?.view?.position).toBe(1);
  });

  test("is not asked for any more once it is offered, and its order is known", async () => {
    const flow = flowOf("offer");
    await flow.join("phone", 1);
    place = OFFERED;
    await pass(5);
    expect(flow.held).toMatchObject({ orderId: "o1", view: { state: "offered" } });
    await pass(600);
    expect(polls()).toBe(1);
    place = { ...OFFERED, state: "lapsed" };
    flow.wake();
    await pass(600);
    expect(flow.held).toMatchObject({ orderId: "o1", view: { state: "lapsed" } });
    expect(polls()).toBe(2);
  });

  test("hears of its offer by the figures, and of nobody else’s", async () => {
    const flow = flowOf("news");
    isLive = true;
    await flow.join("phone", 1);
    place = OFFERED;
    flow.hear(news([7]), 8);
    await pass(1);
    expect(polls()).toBe(0);
    flow.hear(news([8, 7]), 8);
    await pass(0);
    expect(flow.held?.view?.state).toBe("offered");
    flow.hear(news([8, 7]), 8);
    await pass(600);
    expect(polls()).toBe(1);
  });

  test("is forgotten when the shopper leaves, and when the shop does not know it", async () => {
    const flow = flowOf("leave");
    await flow.join("phone", 1);
    await flow.leave();
    expect(asked.at(-1)).toBe("DELETE /api/v1/sales/leave/waitlist/phone");
    expect(flow.held).toBeNull();
    await flow.join("phone", 1);
    place = null;
    changes = 0;
    await pass(5);
    expect([flow.held, changes]).toEqual([null, 1]);
    await pass(600);
    expect(polls()).toBe(1);
  });
});
