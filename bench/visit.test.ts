import { describe, expect, it } from "vitest";
import {
  ADMITTED,
  BUY,
  CLAIM,
  GUEST,
  HOLD,
  INVITED,
  JOIN,
  JOINED,
  look,
  ORDER,
  orderAt,
  PAY,
  PLAN,
  play,
  QUEUE,
  refusal,
  shopperIn,
  SOLD_OUT,
  type Step,
  WAITING,
} from "./scripted-shop.ts";

describe("a visit", () => {
  it("waits, claims when invited, buys, pays, and sees the order confirmed", async () => {
    const record = await play([
      GUEST,
      JOIN,
      look({ ...WAITING, ahead: 1, nowServing: 5 }),
      look(INVITED),
      CLAIM,
      BUY,
      PAY,
      orderAt("PAYMENT_PENDING", 2),
      orderAt("CONFIRMED", 3),
    ]);
    expect(record).toMatchObject({ end: "bought", endDetail: null, contradictions: [] });
    expect(record.places).toMatchObject([{ number: 7, leastAhead: 0, waitingAnswers: 1 }]);
    expect(record.holds).toMatchObject([{ orderId: "order-1", body: JSON.stringify(HOLD) }]);
    const statuses = record.orders.map((seen) => seen.status);
    expect(statuses).toEqual(["RESERVED", "PAYMENT_PENDING", "PAYMENT_PENDING", "CONFIRMED"]);
  });

  it("ends after the join for who closes the tab", async () => {
    const record = await play([GUEST, JOIN], { staysAway: true });
    expect(record).toMatchObject({ end: "gone", hasLeft: false });
  });

  it("stays as long as it takes and leaves, for who only looks around", async () => {
    const leave: Step = { method: "DELETE", path: QUEUE, status: 204 };
    const record = await play([GUEST, JOIN, look(INVITED), CLAIM, leave], { onlyBrowses: true });
    expect(record).toMatchObject({ end: "browsed", hasLeft: true, holds: [] });
    const { passAtMs, purchaseSentAtMs } = record.places[0] ?? {};
    expect((purchaseSentAtMs ?? 0) - (passAtMs ?? 0)).toBe(PLAN.thinkMs);
  });

  it("claims when a plain look is refused for want of the bearer", async () => {
    const refused = refusal(look(INVITED), 401, "unauthorized");
    const record = await play([GUEST, JOIN, refused, CLAIM, BUY], { walksAway: "before" });
    expect(record.end).toBe("walked_away");
  });

  it("cancels and leaves after a decline", async () => {
    const record = await play(
      [
        GUEST,
        { ...JOIN, body: { ...ADMITTED, ticket: "ticket-7" } },
        BUY,
        PAY,
        orderAt("RESERVED", 3, "card_declined"),
        { ...orderAt("CANCELLED", 4), method: "POST", path: `${ORDER}/cancel` },
        orderAt("CANCELLED", 4),
        { method: "DELETE", path: QUEUE, status: 204 },
      ],
      { payments: ["decline"] },
    );
    expect(record.end).toBe("declined");
    expect(record.places[0]).toMatchObject({ stateAtJoin: "admitted", passAtMs: 0 });
  });

  it("tries one card after the other, each as an attempt of its own", async () => {
    const attempt = (number: number, method: object): Step => ({
      ...PAY,
      headers: { "idempotency-key": `pay-${number}-order-1` },
      sent: JSON.stringify(method),
    });
    const record = await play(
      [
        GUEST,
        JOIN,
        look(INVITED),
        CLAIM,
        BUY,
        attempt(1, { paymentMethod: "card", paymentToken: "tok_decline" }),
        orderAt("RESERVED", 3, "card_declined"),
        attempt(2, { paymentMethod: "cod" }),
        orderAt("CONFIRMED", 4),
      ],
      { payments: ["decline", "cash", "ok"] },
    );
    expect(record.end).toBe("bought");
  });

  it("fails on an order that a cancellation leaves open", async () => {
    const declined = orderAt("RESERVED", 3, "card_declined");
    const cancelled: Step = { ...orderAt("CANCELLED", 4), method: "POST", path: `${ORDER}/cancel` };
    const record = await play([
      GUEST,
      JOIN,
      look(INVITED),
      CLAIM,
      BUY,
      PAY,
      declined,
      cancelled,
      declined,
    ]);
    expect(record).toMatchObject({ end: "failed", endDetail: expect.stringContaining("is open") });
  });

  it("answers the bank once, where it asks", async () => {
    const asked = orderAt("PAYMENT_PENDING", 3);
    const url = "/bank?challenge=order-1%3A1.mac";
    const asking = { ...asked, body: { ...asked.body, nextAction: { type: "redirect", url } } };
    const bank: Step = {
      method: "POST",
      path: "/api/v1/sandbox/bank/order-1%3A1.mac",
      status: 200,
      body: { state: "approved" },
    };
    const paying = [GUEST, JOIN, look(INVITED), CLAIM, BUY, PAY, asking, bank, asking];
    const record = await play([...paying, orderAt("CONFIRMED", 4)], { payments: ["action"] });
    expect(record.end).toBe("bought");
  });

  it("may leave while the payment runs", async () => {
    const steps = [GUEST, JOIN, look(INVITED), CLAIM, BUY, PAY];
    expect((await play(steps, { walksAway: "while_paying" })).end).toBe("walked_away");
  });

  it("asks again with the same key and pass while all is held", async () => {
    const withKey = { ...BUY, headers: { "idempotency-key": "key-1", "queue-pass": "pass-7" } };
    const record = await play([
      GUEST,
      JOIN,
      look(INVITED),
      CLAIM,
      refusal(withKey, 409, "sold_out"),
      look(ADMITTED, { "queue-pass": "pass-7" }),
      refusal(withKey, 409, "sold_out"),
      look(SOLD_OUT),
    ]);
    expect(record).toMatchObject({ end: "sold_out", refusals: { sold_out: 2 } });
  });

  it("sees a hold expire that it could not pay in time", async () => {
    const late = refusal(PAY, 409, "order_state_conflict");
    const steps = [GUEST, JOIN, look(INVITED), CLAIM, BUY, late, orderAt("EXPIRED", 2)];
    expect((await play(steps)).end).toBe("hold_expired");
  });

  it("sends purchase and checkout twice at once on a double click", async () => {
    const steps = [GUEST, JOIN, look(INVITED), CLAIM, BUY, BUY, PAY, PAY, orderAt("CONFIRMED", 3)];
    const record = await play(steps, { doubleClicks: true });
    expect(record.holds).toHaveLength(1);
    expect(record.repeats.map((repeat) => repeat.call)).toEqual(["purchase", "checkout"]);
  });

  it("joins again after a lapse, three times at most", async () => {
    const lapsed = look({ ...WAITING, state: "lapsed" });
    const again = [{ ...JOIN, status: 200 }, lapsed];
    const record = await play([GUEST, JOIN, lapsed, ...again, ...again, ...again]);
    expect(record.end).toBe("lost_turn");
    expect(record.places).toHaveLength(4);
  });

  it.each([
    ["a view that says closed", { ...JOIN, body: { ...SOLD_OUT, ticket: "ticket-7" } }, "sold_out"],
    ["sold_out", refusal(JOIN, 409, "sold_out"), "sold_out"],
    ["sale_ended", refusal(JOIN, 409, "sale_ended"), "closed"],
  ])("ends when the join is answered with %s", async (_, join, end) => {
    expect((await play([GUEST, join])).end).toBe(end);
  });

  it.each([
    ["a pass that is not accepted", refusal(BUY, 403, "pass_invalid")],
    ["a limit that was not reached", refusal(BUY, 409, "limit_reached")],
    ["a hold without an order", { ...BUY, body: {} }],
    ["a missing page", refusal(BUY, 404, "not_found")],
  ])("fails on %s", async (_, purchase) => {
    const record = await play([GUEST, JOIN, look(INVITED), CLAIM, purchase]);
    expect(record.end).toBe("failed");
    expect(record.endDetail).toMatch(/purchase/);
  });

  it("ends when its time is over", async () => {
    const slowly = { pollAfterMs: 30_000 };
    const join: Step = { ...JOIN, body: { ...JOINED, ...slowly } };
    const looks = Array.from({ length: 19 }, () => look({ ...WAITING, ...slowly }));
    expect((await play([GUEST, join, ...looks])).end).toBe("time_over");
  });
});

describe("the record", () => {
  it("notes what contradicts an earlier answer", async () => {
    const record = await play([
      GUEST,
      JOIN,
      look({ ...WAITING, ahead: 5 }),
      look({ ...WAITING, number: 8 }),
      look(INVITED),
      CLAIM,
      refusal(BUY, 409, "sold_out"),
      look({ ...ADMITTED, pass: "pass-8" }),
      BUY,
      PAY,
      orderAt("PAYMENT_PENDING", 5),
      orderAt("CONFIRMED", 4),
    ]);
    expect(record.contradictions).toEqual([
      "ahead grew from 3 to 5 in answers",
      "number 7 became 8",
      "the pass came again with other bytes",
      "order version went back from 5 to 4",
    ]);
  });

  it("tells a claim that the line has heard from one that an older board answered", async () => {
    const asked: Step = { ...CLAIM, body: WAITING };
    const { shopper } = shopperIn([GUEST, JOIN, asked, { ...CLAIM, body: INVITED }]);
    await shopper.guest();
    await shopper.join();
    shopper.record.socket = { opened: 1, refused: 0, lost: 0, boards: 1, claimsTooSoon: 0 };
    await shopper.claim();
    expect(shopper.record.places).toMatchObject([{ askKnownAtMs: null }]);
    await shopper.claim();
    expect(shopper.record.places).toMatchObject([{ askKnownAtMs: 0 }]);
    expect(shopper.record.socket.claimsTooSoon).toBe(1);
  });

  it("has the least of answers and boards, which may be older than each other", async () => {
    const { shopper } = shopperIn([GUEST, JOIN, look(WAITING)]);
    await shopper.guest();
    await shopper.join();
    shopper.hear({ ...WAITING, ahead: 1 }, 5);
    await shopper.poll();
    expect(shopper.record.contradictions).toEqual([]);
    shopper.hear({ ...WAITING, ahead: 2 }, 6);
    expect(shopper.record.contradictions).toEqual(["ahead grew from 1 to 2 in boards"]);
    expect(shopper.record.places).toMatchObject([{ leastAhead: 1, waitingAnswers: 3 }]);
  });

  it("asks for the address of a socket with the ticket, and takes a refusal", async () => {
    const address: Step = {
      method: "POST",
      path: "/api/v1/sales/sale/live",
      headers: { "queue-ticket": "ticket-7" },
      status: 200,
      body: { url: "ws://shop.test/live?token=t" },
    };
    const refused = refusal(address, 404, "not_found");
    const { agent, shopper } = shopperIn([GUEST, JOIN, address, refused]);
    await shopper.guest();
    await shopper.join();
    expect(await shopper.liveAddress()).toBe("ws://shop.test/live?token=t");
    expect(await shopper.liveAddress()).toBeNull();
    agent.assertNoPendingInterceptors();
  });
});
