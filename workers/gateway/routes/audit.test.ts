import { beforeEach, describe, expect, it } from "vitest";
import { chainOf, headOf } from "../../../domain/books/testing/chains.ts";
import type { Finding } from "../../../domain/books/finding.ts";
import { ADMIN_TOKEN, FakeGateway, NOON_MS } from "../testing/fake-gateway.ts";

const AUDIT = "/api/v1/admin/audit";
const headers = { Authorization: `Bearer ${ADMIN_TOKEN}` };
const at = new Date(NOON_MS).toISOString();

let gateway: FakeGateway;
let asked: unknown[];
beforeEach(() => {
  gateway = new FakeGateway();
  asked = [];
});

/** Lets the books answer, and notes what they were asked. */
function answering(answer: unknown): void {
  gateway.onBooks = (method, args) => {
    asked = [method, ...args];
    return answer;
  };
}

function page(chain: string, fact: object) {
  const rows = chainOf([JSON.stringify({ atMs: NOON_MS, ...fact })]);
  return { head: headOf(chain, rows), rows };
}

describe("history", () => {
  it("of a sale says who did what, from where and why", async () => {
    const who = {
      actor: "staff:bea",
      reason: "Slow.",
      address: "a1",
      device: "d1",
      traceparent: "00-1",
    };
    const answer = page("sale/drop", { ...who, type: "commanded", detail: { command: "pause" } });
    answering(answer);
    const { body } = await gateway.send("GET", `${AUDIT}?saleId=drop&cursor=4`, { headers });
    expect(asked).toEqual(["history", "sale/drop", 4]);
    const { hash } = answer.head;
    const told = { chain: "sale/drop", sequence: 1, at, type: "commanded", ...who };
    expect(body).toEqual({ rows: [{ ...told, action: { command: "pause" }, hash }], cursor: "1" });
  });

  it("of an item says what became of an order and of the counters, and leaves out what nobody said", async () => {
    const level = { sku: "phone-1", stock: 5, available: 4, held: 1, sold: 0 };
    const order = { orderId: "o-1", shopper: "g_ann" };
    answering(page("item/phone-1", { type: "reserved", quantity: 1, level, order, reason: null }));
    const { body } = await gateway.send("GET", `${AUDIT}?sku=phone-1`, { headers });
    expect(asked).toEqual(["history", "item/phone-1", 0]);
    const action = { orderId: "o-1", quantity: 1, stock: 5, available: 4, held: 1, sold: 0 };
    expect(body["rows"]).toEqual([
      {
        chain: "item/phone-1",
        sequence: 1,
        at,
        type: "reserved",
        action,
        hash: expect.any(String),
      },
    ]);
  });

  it("of an item tells what an event has beside an order", async () => {
    const refusals = { sold_out: 7 };
    answering(
      page("item/phone-1", { type: "refused", order: null, refusals, actor: "system:shop" }),
    );
    const { body } = await gateway.send("GET", `${AUDIT}?sku=phone-1`, { headers });
    expect(body["rows"]).toMatchObject([{ actor: "system:shop", action: { refusals } }]);
  });

  it("of the shop is asked for by name; what there is not is not found", async () => {
    answering(null);
    const answer = await gateway.send("GET", `${AUDIT}?chain=shop`, { headers });
    expect([answer.status, asked]).toEqual([404, ["history", "shop", 0]]);
  });

  it.each(["", "?saleId=drop&sku=phone-1", "?chain=sale/drop", "?saleId=a/b"])(
    "is not asked for by %j",
    async (query) => {
      const { status, body } = await gateway.send("GET", AUDIT + query, { headers });
      expect([status, body["code"], asked]).toEqual([400, "validation_failed", []]);
    },
  );
});

describe("the proof of history", () => {
  const finding: Finding = {
    chain: "item/phone-1",
    sequence: 3,
    kind: "changed",
    seenBy: "chain",
    detail: "So.",
  };

  it("comes in parts, each with what was found", async () => {
    const found = { ok: false, chains: 2, rows: 9, findings: [finding] };
    answering({ ok: true, verified: { ...found, cursor: "item/phone-1@500" } });
    const first = await gateway.send("GET", `${AUDIT}/verify`, { headers });
    expect([first.body, asked]).toEqual([
      { ...found, cursor: "item/phone-1@500" },
      ["verify", null],
    ]);
    answering({ ok: true, verified: { ...found, cursor: null } });
    const next = `${AUDIT}/verify?cursor=${encodeURIComponent("item/phone-1@500")}`;
    const last = await gateway.send("GET", next, { headers });
    expect([last.body, asked]).toEqual([found, ["verify", "item/phone-1@500"]]);
  });

  it("is exported as lines", async () => {
    answering({ ok: true, lines: '{"kind":"end"}\n' });
    const answer = await gateway.send("GET", `${AUDIT}/export?cursor=shop@1`, { headers });
    expect([answer.text, asked]).toEqual(['{"kind":"end"}\n', ["exportChains", "shop@1"]]);
    expect(answer.headers.get("Content-Type")).toBe("application/x-ndjson");
  });

  it("is for staff", async () => {
    for (const path of ["", "/verify", "/export"])
      expect((await gateway.send("GET", `${AUDIT}${path}`)).status).toBe(401);
  });
});
