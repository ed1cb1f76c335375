import { beforeEach, describe, expect, it } from "vitest";
import { ADMIN_TOKEN, FakeGateway, NOON_MS, refusal } from "../testing/fake-gateway.ts";

const PATH = "/api/v1/notifications";
const REMINDER = "/api/v1/sales/drop/reminder";

let gateway: FakeGateway;
/** What the purchase Worker was asked, with what. */
let asked: unknown[][];

beforeEach(() => {
  gateway = new FakeGateway();
  asked = [];
});

/** Has the purchase Worker answer everything with `value`. */
function answering(value: unknown): void {
  gateway.onPurchase = (method, args) => {
    asked.push([method, ...args]);
    return value;
  };
}

async function send(method: string, path: string, json?: unknown) {
  const headers = await gateway.bearer("g_ann");
  return gateway.send(method, path, { headers, ...(json === undefined ? {} : { json }) });
}

const ROW = {
  eventId: "item/phone-1/7",
  shopper: "g_ann",
  kind: "confirmed",
  saleId: "drop",
  orderId: "phone-1.x.y",
  subject: "Your order is confirmed: Phone",
  text: "It is yours.",
  atMs: NOON_MS,
};

describe("own messages", () => {
  it("are listed as the contract says, a page at a time", async () => {
    const { orderId: _order, ...started } = {
      ...ROW,
      eventId: "sale/drop/3",
      kind: "sale_started",
    };
    answering({ rows: [ROW, { ...started, orderId: null }], cursor: "next" });
    const { status, body } = await send("GET", `${PATH}?limit=2&cursor=c&orderId=phone-1.x.y`);
    expect(status).toBe(200);
    const view = {
      id: "item/phone-1/7",
      kind: "confirmed",
      subject: "Your order is confirmed: Phone",
      text: "It is yours.",
      saleId: "drop",
      orderId: "phone-1.x.y",
      at: new Date(NOON_MS).toISOString(),
    };
    const { orderId: _, ...about } = view;
    expect(body).toEqual({
      notifications: [view, { ...about, id: "sale/drop/3", kind: "sale_started" }],
      cursor: "next",
    });
    expect(asked).toEqual([["notificationsOf", "g_ann", "phone-1.x.y", "c", 2, null]]);
  });

  it("are all without a filter, and the last page has no cursor", async () => {
    answering({ rows: [], cursor: null });
    expect((await send("GET", PATH)).body).toEqual({ notifications: [] });
    expect(asked).toEqual([["notificationsOf", "g_ann", null, null, 100, null]]);
  });

  it.each(["?limit=0", "?limit=101", "?cursor=", "?orderId="])(
    "are not asked for with %s",
    async (query) => {
      expect((await send("GET", PATH + query)).body["code"]).toBe("validation_failed");
    },
  );

  it("are nobody else's business", async () => {
    for (const [method, path] of [
      ["GET", PATH],
      ["GET", `${PATH}/contact`],
      ["DELETE", `${PATH}/contact`],
      ["DELETE", REMINDER],
    ] as const)
      expect((await gateway.send(method, path)).body["code"]).toBe("unauthorized");
    expect(gateway.calls).toEqual([]);
  });
});

describe("an address", () => {
  it("is put, shown and forgotten", async () => {
    answering(undefined);
    const email = "ann@example.com";
    const put = await send("PUT", `${PATH}/contact`, { email, more: 1 });
    expect([put.status, put.body]).toEqual([200, { email }]);
    expect((await send("DELETE", `${PATH}/contact`)).status).toBe(204);
    answering(null);
    expect((await send("GET", `${PATH}/contact`)).body).toEqual({ email: null });
    answering(email);
    expect((await send("GET", `${PATH}/contact`)).body).toEqual({ email });
    expect(asked).toEqual([
      ["setContact", "g_ann", email],
      ["removeContact", "g_ann"],
      ["contact", "g_ann"],
      ["contact", "g_ann"],
    ]);
  });

  it.each([
    [{}],
    [{ email: "" }],
    [{ email: "ann" }],
    [{ email: "ann@example.com\r\nBcc: eve@example.com" }],
    [{ email: "ann@example.com, eve@example.com" }],
    [{ email: `${"a".repeat(250)}@example.com` }],
  ])("is not %o", async (json) => {
    const { status, body } = await send("PUT", `${PATH}/contact`, json);
    expect([status, body["code"]]).toEqual([400, "validation_failed"]);
    expect(gateway.calls).toEqual([]);
  });

  it("comes as JSON, as every body", async () => {
    const headers = { ...(await gateway.bearer("g_ann")), "Content-Type": "text/plain" };
    const answer = await gateway.send("PUT", `${PATH}/contact`, { headers, raw: "x" });
    expect(answer.body["code"]).toBe("unsupported_media_type");
    const raw = "x".repeat(16_385);
    const big = await gateway.send("PUT", `${PATH}/contact`, { headers, raw });
    expect(big.body["code"]).toBe("body_too_large");
  });
});

describe("a reminder", () => {
  it("is 201 the first time and 200 after, and is taken back", async () => {
    answering({ ok: true, isNew: true });
    const first = await send("POST", REMINDER);
    const startsAt = new Date(gateway.sale.control.startsAtMs).toISOString();
    expect([first.status, first.body]).toEqual([201, { saleId: "drop", startsAt }]);
    answering({ ok: true, isNew: false });
    expect((await send("POST", REMINDER)).status).toBe(200);
    answering(undefined);
    expect((await send("DELETE", REMINDER)).status).toBe(204);
    expect(asked).toEqual([
      ["remind", "drop", "g_ann"],
      ["remind", "drop", "g_ann"],
      ["forgetReminder", "drop", "g_ann"],
    ]);
  });

  it("is refused as the purchase Worker says, and of a draft nobody knows", async () => {
    answering(refusal("order_state_conflict", { detail: "It has started." }));
    const { status, body } = await send("POST", REMINDER);
    expect([status, body["detail"]]).toEqual([409, "It has started."]);
    gateway.sale = { ...gateway.sale, control: { ...gateway.sale.control, mode: "draft" } };
    gateway.nowMs += 10_000;
    for (const method of ["POST", "DELETE"])
      expect((await send(method, REMINDER)).status).toBe(404);
    expect((await send("POST", "/api/v1/sales/nope/reminder")).status).toBe(404);
  });
});

describe("everybody's messages", () => {
  const headers = { Authorization: `Bearer ${ADMIN_TOKEN}` };

  it("are listed for staff with what became of them", async () => {
    const row = {
      place: 9,
      eventId: "item/phone-1/7",
      shopper: "g_ann",
      kind: "confirmed",
      priority: "normal",
      saleId: "drop",
      orderId: "phone-1.x.y",
      state: "dead",
      attempts: 11,
      createdAtMs: NOON_MS,
      sentAtMs: null,
      error: "E_DAILY_LIMIT_EXCEEDED",
    };
    const sent = { ...row, orderId: null, state: "sent", sentAtMs: NOON_MS, error: null };
    answering({ rows: [row, sent], cursor: "next" });
    const path = "/api/v1/admin/notifications?saleId=drop&state=dead&cursor=c&limit=5";
    const { status, body } = await gateway.send("GET", path, { headers });
    expect(status).toBe(200);
    const at = new Date(NOON_MS).toISOString();
    const common = { id: row.eventId, shopper: "g_ann", kind: "confirmed", priority: "normal" };
    expect(body).toEqual({
      notifications: [
        {
          ...common,
          saleId: "drop",
          orderId: row.orderId,
          state: "dead",
          attempts: 11,
          at,
          error: row.error,
        },
        { ...common, saleId: "drop", state: "sent", attempts: 11, at, sentAt: at },
      ],
      cursor: "next",
    });
    expect(asked).toEqual([["allMessages", { saleId: "drop", state: "dead" }, "c", 5, null]]);
  });

  it("are for staff alone", async () => {
    expect((await send("GET", "/api/v1/admin/notifications")).status).toBe(403);
    const wrong = await gateway.send("GET", "/api/v1/admin/notifications?state=x", { headers });
    expect(wrong.body["code"]).toBe("validation_failed");
  });
});
