import { describe, expect, it } from "vitest";
import {
  ADMITTED,
  BUY,
  CLAIM,
  GUEST,
  INVITED,
  JOIN,
  look,
  orderAt,
  PAY,
  play,
  refusal,
  SOLD_OUT,
  type Step,
  TOTAL,
  WAITING,
} from "./scripted-shop.ts";

describe("a visit that may wait on the list", () => {
  const LIST = "/api/v1/sales/sale/waitlist/sku";
  const HEADERS = { authorization: "Bearer guest", "queue-ticket": "ticket-7" };
  const allHeld: Step = { ...BUY, status: 409, body: { code: "sold_out", waitlist: true } };
  const until = [GUEST, JOIN, look(INVITED), CLAIM, allHeld];
  const stillHeld = look(ADMITTED, { "queue-pass": "pass-7" });
  const onList = (method: "GET" | "POST", state: string, more: object = {}): Step => ({
    method,
    path: LIST,
    headers: HEADERS,
    status: method === "POST" ? 201 : 200,
    body: { position: null, state, quantity: 1, pollAfterMs: 400, ...more },
  });
  const offer = onList("GET", "offered", { orderId: "order-1" });
  const leave: Step = { method: "DELETE", path: LIST, headers: HEADERS, status: 204 };

  it("joins, is offered a unit, and pays for it", async () => {
    const record = await play(
      [
        ...until,
        onList("POST", "waiting", { position: 2 }),
        stillHeld,
        onList("GET", "waiting", { position: 1 }),
        stillHeld,
        offer,
        orderAt("RESERVED", 1),
        PAY,
        orderAt("CONFIRMED", 3),
      ],
      { usesList: true },
    );
    expect(record).toMatchObject({
      end: "bought",
      list: { number: 7, orderId: "order-1", leftAtMs: null },
      holds: [{ orderId: "order-1", key: null, quantity: 1, total: TOTAL }],
    });
  });

  it("joins from the line, where the sale's figures say that all is held", async () => {
    const figures = (available: number): Step => ({
      path: "/api/v1/sales/sale/status",
      status: 200,
      body: { saleId: "sale", state: "active", items: [{ sku: "sku", available }] },
    });
    const join = onList("POST", "waiting", { position: 1 });
    const steps = [GUEST, JOIN, look(WAITING), figures(1), look(WAITING), figures(0), join];
    const { end, list } = await play([...steps, look(SOLD_OUT)], { usesList: true });
    expect([end, list?.number]).toEqual(["sold_out", 7]);
  });

  it.each([
    ["declines the offer", 0, [leave, orderAt("CANCELLED", 2)], "offer_declined"],
    ["lets it run out", 0.9, [], "walked_away"],
  ] as const)("%s", async (_, chance, steps, end) => {
    const join = onList("POST", "offered", { orderId: "order-1" });
    const script = [...until, join, orderAt("RESERVED", 1), ...steps];
    const plan = { usesList: true, walksAway: "before" } as const;
    expect((await play(script, plan, () => chance)).end).toBe(end);
  });

  it.each([
    [
      "sees that the offer has run out",
      onList("GET", "lapsed", { orderId: "order-1" }),
      "offer_lapsed",
    ],
    ["ends with the sale", onList("GET", "lapsed"), "closed"],
  ])("%s", async (_, told, end) => {
    const looks = end === "closed" ? [] : [orderAt("EXPIRED", 2)];
    const steps = [...until, onList("POST", "waiting", { position: 1 }), stillHeld, told, ...looks];
    expect((await play(steps, { usesList: true })).end).toBe(end);
  });

  it("leaves it when all is sold", async () => {
    const steps = [...until, onList("POST", "waiting", { position: 1 }), look(SOLD_OUT)];
    expect((await play(steps, { usesList: true })).end).toBe("sold_out");
  });

  it.each(["sold_out", "order_state_conflict"])(
    "goes on trying to buy where the list says %s",
    async (code) => {
      const refused = refusal({ ...onList("POST", "waiting") }, 409, code);
      const steps = [...until, refused, stillHeld, BUY];
      const record = await play(steps, { usesList: true, walksAway: "before" });
      expect(record).toMatchObject({ end: "walked_away", list: null });
    },
  );
});
