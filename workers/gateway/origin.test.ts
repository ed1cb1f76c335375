import { beforeEach, describe, expect, it } from "vitest";
import type { Actor, Origin } from "../../domain/books/actor.ts";
import { sealOrderId } from "../../domain/order-id.ts";
import { ADMIN_TOKEN, FakeGateway, NOON_MS, sampleOrder } from "./testing/fake-gateway.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const TRACEPARENT = `00-${TRACE}-00f067aa0ba902b7-01`;
const HASH = /^[A-Za-z0-9_-]{22}$/;
const BROWSER = {
  "CF-Connecting-IP": "203.0.113.7",
  "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
  "Accept-Language": "en-GB,en;q=0.5",
  traceparent: TRACEPARENT,
};

let gateway: FakeGateway;
/** What the objects and services were given, by the name of the command. */
let given: Map<string, Origin>;

beforeEach(() => {
  gateway = new FakeGateway();
  given = new Map();
  const { onReserve, onWaitlist } = gateway;
  gateway.onReserve = (command) => {
    given.set("reserve", command["from"] as Origin);
    return onReserve(command);
  };
  gateway.onWaitlist = (call, brought, from) => {
    given.set(call, from ?? (brought as { from: Origin }).from);
    return onWaitlist(call, brought);
  };
  gateway.onAdjust = (_saleId, _changes, by) => {
    given.set("adjust", by);
    return { ok: true };
  };
  gateway.onPurchase = (method, args) => {
    const last = args.at(-1) as Origin & { from?: Origin };
    given.set(method, last.from ?? last);
    const level = { sku: "phone-1", stock: 1, available: 1, held: 0, sold: 0 };
    return { ok: true, order: sampleOrder(), sale: gateway.sale, product: {}, level };
  };
});

function orderPath(sku = "phone-1"): string {
  return `/api/v1/orders/${sealOrderId(gateway.keyring, sku, NOON_MS, new Uint8Array(10))}`;
}

async function buy(browser: Record<string, string> = BROWSER): Promise<Origin | undefined> {
  const bearer = await gateway.bearer("g_ann");
  const pass = { "Queue-Pass": gateway.pass("g_ann"), "Idempotency-Key": "key-1" };
  const headers = { ...browser, ...bearer, ...pass };
  const json = { sku: "phone-1", quantity: 1 };
  await gateway.send("POST", "/api/v1/sales/drop/purchase", { headers, json });
  return given.get("reserve");
}

async function pay(path = orderPath()): Promise<Origin | undefined> {
  const headers = { ...BROWSER, ...(await gateway.bearer("g_ann")), "Idempotency-Key": "key-1" };
  const json = { paymentMethod: "card", paymentToken: "tok_ok" };
  await gateway.send("POST", `${path}/checkout`, { headers, json });
  return given.get("checkout");
}

describe("what a shopper changes", () => {
  it("says where it comes from: one network and one device, each request another step of the trace", async () => {
    await buy();
    await pay();
    const bearer = await gateway.bearer("g_ann");
    await gateway.send("POST", `${orderPath()}/cancel`, { headers: { ...BROWSER, ...bearer } });
    const list = "/api/v1/sales/drop/waitlist/phone-1";
    const ticket = { "Queue-Ticket": gateway.ticket("g_ann") };
    const headers = { ...BROWSER, ...bearer, ...ticket };
    await gateway.send("POST", list, { headers, json: { quantity: 1 } });
    await gateway.send("DELETE", list, { headers });

    expect([...given.keys()]).toEqual(["reserve", "checkout", "cancel", "join", "leave"]);
    const origins = [...given.values()];
    const [{ address, device } = {}] = origins;
    expect([address, device]).toEqual([expect.stringMatching(HASH), expect.stringMatching(HASH)]);
    const steps = new Set<string>();
    for (const origin of origins) {
      expect(Object.keys(origin).toSorted()).toEqual(["address", "device", "traceparent"]);
      expect(origin).toMatchObject({ address, device });
      const [version, trace, step = "", flags] = origin.traceparent?.split("-") ?? [];
      expect([version, trace, flags]).toEqual(["00", TRACE, "01"]);
      steps.add(step);
    }
    expect(steps.size).toBe(5);
    expect(steps.has("00f067aa0ba902b7")).toBe(false);
  });

  it("can be compared within one item's ledger and not between two", async () => {
    const here = await pay(orderPath("phone-1"));
    const there = await pay(orderPath("phone-2"));
    expect(there?.address).toMatch(HASH);
    expect([there?.address, there?.device]).not.toContain(here?.address);
    expect(there?.device).not.toBe(here?.device);
  });

  it.each([
    ["User-Agent", "curl/8.14.1"],
    ["Accept-Language", "de-AT"],
    ["Sec-CH-UA", '"Chromium";v="142"'],
    ["Sec-CH-UA-Mobile", "?1"],
    ["Sec-CH-UA-Platform", '"Android"'],
  ])("comes from another device when it says another %s", async (name, value) => {
    const before = await buy();
    const after = await buy({ ...BROWSER, [name]: value });
    expect(after?.device).toMatch(HASH);
    expect(after?.device).not.toBe(before?.device);
    expect(after?.address).toBe(before?.address);
  });

  it("leaves out what a request does not say, and begins a trace", async () => {
    const bare = await buy({});
    expect(bare).toEqual({ traceparent: expect.stringMatching(/^00-[\da-f]{32}-[\da-f]{16}-01$/) });
    expect(bare?.traceparent).not.toContain(TRACE);
  });

  it("is the same command when the call is made again", async () => {
    const told: unknown[] = [];
    gateway.onReserve = (command) => {
      told.push(command["from"]);
      return Object.assign(new Error("Durable Object reset."), { durableObjectReset: true });
    };
    await buy();
    expect(told).toHaveLength(2);
    expect(told[1]).toEqual(told[0]);
  });
});

describe("what staff change", () => {
  const sale = "/api/v1/admin/sales/drop";
  const times = { startsAt: "2026-11-22T12:00:00Z", endsAt: "2026-11-22T13:00:00Z" };
  const price = { amount: 100, currency: "EUR" };
  const item = { sku: "phone-1", productId: "phone", salePrice: price, stock: 1 };
  const commands = (order: string): [string, string, unknown][] => [
    ["POST", "/api/v1/admin/products", { name: "Phone", price }],
    ["PATCH", "/api/v1/admin/products/phone", { name: "Phone" }],
    ["POST", "/api/v1/admin/sales", { name: "Drop", ...times, items: [item] }],
    ["PATCH", sale, { name: "Drop" }],
    ["POST", `${sale}/start`, {}],
    ["PATCH", `${sale}/queue`, { queueAll: true }],
    ["POST", `${sale}/queue/revoke`, { number: 1, reason: "A bot." }],
    ["POST", `${sale}/items/phone-1/restock`, { quantity: 1, reason: "A box." }],
    ["POST", `${order.replace("v1", "v1/admin")}/refund`, { reason: "Broken." }],
  ];

  it.each([
    ["the admin token", "staff:admin-token", async () => `Bearer ${ADMIN_TOKEN}`],
    [
      "a person with the role",
      "staff:eve",
      async () => (await gateway.bearer("eve", ["admin"]))["Authorization"] ?? "",
    ],
  ])("says who, from one network and device in all chains: %s", async (_, actor, authorize) => {
    for (const [method, path, json] of commands(orderPath())) {
      const headers = { ...BROWSER, Authorization: await authorize() };
      const answer = await gateway.send(method, path, { headers, json });
      expect([path, answer.status < 300 || answer.body]).toEqual([path, true]);
    }
    const said = [...given.values()] as Actor[];
    expect(said).toHaveLength(9);
    const [{ address, device } = {} as Actor] = said;
    for (const by of said) {
      expect(by).toMatchObject({ actor, address, device });
      expect(by.traceparent).toContain(TRACE);
    }
    expect([address, device]).toEqual([expect.stringMatching(HASH), expect.stringMatching(HASH)]);
    expect(said.map(({ reason }) => reason)).toEqual([
      ...Array<null>(6).fill(null),
      "A bot.",
      "A box.",
      "Broken.",
    ]);
  });
});
