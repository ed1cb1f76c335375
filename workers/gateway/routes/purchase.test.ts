import { beforeEach, describe, expect, it, vi } from "vitest";
import { openOrderId } from "../../../domain/order-id.ts";
import {
  FakeGateway,
  NOON_MS,
  objectReset,
  ORIGIN,
  overloaded,
  refusal,
  type Answer,
  type Sending,
} from "../testing/fake-gateway.ts";

const PATH = "/api/v1/sales/drop/purchase";
const ONE_PHONE = { sku: "phone-1", quantity: 1 };

let gateway: FakeGateway;

beforeEach(() => {
  gateway = new FakeGateway();
  vi.spyOn(console, "warn").mockImplementation(() => {});
  vi.spyOn(console, "error").mockImplementation(() => {});
});

async function headersOf(subject = "g_ann"): Promise<Record<string, string>> {
  return {
    ...(await gateway.bearer(subject)),
    "Queue-Pass": gateway.pass(subject),
    "Idempotency-Key": "key-1",
  };
}

async function buy(json: unknown = ONE_PHONE, headers?: Record<string, string>): Promise<Answer> {
  return gateway.send("POST", PATH, { headers: headers ?? (await headersOf()), json });
}

function skuCalls(): string[] {
  return gateway.calls.filter((call) => call.startsWith("sku"));
}

describe("buying", () => {
  it("tells the item a keyed hash of the network where units are counted by it, never the address", async () => {
    const told: unknown[] = [];
    const answered = gateway.onReserve;
    gateway.onReserve = (command) => {
      told.push(command["address"]);
      return answered(command);
    };
    const buyFrom = async (address: string) =>
      buy(ONE_PHONE, { ...(await headersOf()), "CF-Connecting-IP": address });
    await buyFrom("203.0.113.7");
    gateway.sale.definition.perAddress = 3;
    await buyFrom("203.0.113.7");
    await buyFrom("2001:db8:1:2::7");
    await buyFrom("2001:db8:1:2::8");
    await buy();
    const hash = expect.stringMatching(/^[A-Za-z0-9_-]{22}$/);
    expect(told).toEqual([undefined, hash, hash, told[2], undefined]);
    expect(told[1]).not.toBe(told[2]);
  });

  it("asks the item's object once and says where the order is", async () => {
    const commands: Record<string, unknown>[] = [];
    const answered = gateway.onReserve;
    gateway.onReserve = (command) => {
      commands.push(command);
      return answered(command);
    };
    const answer = await buy();
    expect(answer.status).toBe(202);
    const { orderId } = answer.body;
    expect(answer.body).toEqual({
      orderId,
      status: "RESERVED",
      expiresAt: new Date(NOON_MS + 120_000).toISOString(),
      total: { amount: 49_900, currency: "EUR" },
    });
    expect(answer.headers.get("Location")).toBe(`/api/v1/orders/${String(orderId)}`);
    expect(openOrderId(gateway.keyring, String(orderId))).toBe("phone-1");
    expect(commands[0]).toMatchObject({
      shopper: "g_ann",
      number: 1,
      quantity: 1,
      idempotencyKey: "key-1",
      passExpiresAtMs: NOON_MS + 300_000,
    });
    expect(skuCalls()).toEqual(["sku phone-1"]);
  });

  it("goes to the shopper's intake where the item has some, and a lost call once more", async () => {
    const [item] = gateway.sale.definition.items;
    if (item) item.intakes = 16;
    const answered = new FakeGateway().onReserve;
    let calls = 0;
    gateway.onReserve = (command) => ((calls += 1) === 1 ? objectReset() : answered(command));
    expect((await buy()).status).toBe(202);
    const intake = gateway.calls.filter((call) => call.startsWith("intake"));
    expect(intake).toEqual([expect.stringMatching(/^intake phone-1\/\d+ of 16$/), intake[0]]);
    expect(skuCalls()).toEqual([]);
    gateway.calls = [];
    for (let shopper = 0; shopper < 40; shopper++)
      await buy(ONE_PHONE, await headersOf(`g_${shopper}`));
    expect(new Set(gateway.calls.filter((call) => call.startsWith("intake"))).size).toBeGreaterThan(
      8,
    );
  });

  it("hashes what was meant: unknown fields and the order of fields do not count", async () => {
    const hashes: unknown[] = [];
    const answered = gateway.onReserve;
    gateway.onReserve = (command) => {
      hashes.push(command["bodyHash"]);
      return answered(command);
    };
    await buy({ sku: "phone-1", quantity: 1 });
    await buy({ note: "x", quantity: 1, sku: "phone-1" });
    await buy({ sku: "phone-1", quantity: 2 });
    expect(hashes[0]).toBe(hashes[1]);
    expect(hashes[2]).not.toBe(hashes[0]);
  });

  it("forwards a genuine pass that has expired: the object looks at the key first", async () => {
    gateway.nowMs = NOON_MS + 600_000;
    gateway.onReserve = () => refusal("pass_expired");
    expect((await buy()).body["code"]).toBe("pass_expired");
    expect(skuCalls()).toHaveLength(1);
  });

  it("tells every field that is wrong", async () => {
    const answer = await buy({ sku: "no spaces", quantity: 0 });
    expect(answer.status).toBe(400);
    const errors = answer.body["errors"] as { path: string }[];
    expect(errors.map(({ path }) => path)).toEqual(["sku", "quantity"]);
  });

  it.each([0, -1, 1.5, 1e9, 101, "1", null, undefined, true, Number.NaN])(
    "refuses the quantity %s",
    async (quantity) => {
      expect((await buy({ sku: "phone-1", quantity })).body["code"]).toBe("validation_failed");
      expect(skuCalls()).toEqual([]);
    },
  );

  it("knows neither unknown items nor unknown sales, and calls no object for them", async () => {
    expect((await buy({ sku: "nope", quantity: 1 })).status).toBe(404);
    const sending = { headers: await headersOf(), json: ONE_PHONE };
    expect((await gateway.send("POST", "/api/v1/sales/nope/purchase", sending)).status).toBe(404);
    expect(skuCalls()).toEqual([]);
  });

  it("refuses guests where a sale wants accounts", async () => {
    gateway.sale.definition.allowGuests = false;
    expect((await buy()).body["code"]).toBe("guest_not_allowed");
    expect((await buy(ONE_PHONE, await headersOf("u_bea"))).status).toBe(202);
  });

  it("refuses passes that are missing, changed, or of another sale or shopper", async () => {
    const { "Queue-Pass": pass = "", ...rest } = await headersOf();
    expect((await buy(ONE_PHONE, rest)).body["code"]).toBe("pass_required");
    for (const other of [
      `${pass.slice(0, -1)}${pass.endsWith("A") ? "B" : "A"}`,
      `${pass}.`,
      gateway.pass("g_bob"),
      gateway.pass("g_ann", { saleId: "other" }),
      gateway.ticket("g_ann"),
    ])
      expect((await buy(ONE_PHONE, { ...rest, "Queue-Pass": other })).body["code"]).toBe(
        "pass_invalid",
      );
    expect(skuCalls()).toEqual([]);
  });

  it("takes the pass from the cookie for our own pages only", async () => {
    const { "Queue-Pass": pass = "", ...rest } = await headersOf();
    const headers = { ...rest, Cookie: `__Host-p-drop=${pass}` };
    expect((await buy(ONE_PHONE, headers)).body["code"]).toBe("forbidden");
    expect((await buy(ONE_PHONE, { ...headers, Origin: ORIGIN })).status).toBe(202);
  });

  it("passes refusals on with what they carry", async () => {
    gateway.onReserve = () => refusal("limit_reached", { limit: 1, held: 1, bought: 0 });
    const answer = await buy();
    expect(answer.status).toBe(409);
    expect(answer.headers.get("Content-Type")).toBe("application/problem+json");
    expect(answer.body).toEqual({
      type: "urn:ropeline:problem:limit_reached",
      title: "The limit is reached",
      status: 409,
      detail: "The limit is reached",
      code: "limit_reached",
      requestId: answer.headers.get("X-Request-Id"),
      limit: 1,
      held: 1,
      bought: 0,
    });
  });

  it("is busy when the object is overloaded or lost, and repeats a lost call once", async () => {
    gateway.onReserve = () => overloaded();
    const busy = await buy();
    expect([busy.status, busy.body["code"]]).toEqual([503, "busy"]);
    expect(busy.headers.get("Retry-After")).toBe("1");
    expect(skuCalls()).toHaveLength(1);
    const answered = new FakeGateway().onReserve;
    let calls = 0;
    gateway.onReserve = (command) => ((calls += 1) === 1 ? objectReset() : answered(command));
    expect((await buy()).status).toBe(202);
    expect(calls).toBe(2);
  });

  it("tells nothing of what went wrong inside", async () => {
    gateway.onReserve = () => new TypeError("cannot read secret of undefined");
    const answer = await buy();
    expect([answer.status, answer.body["code"]]).toEqual([500, "internal_error"]);
    expect(answer.text).not.toContain("secret");
    expect(console.error).toHaveBeenCalledOnce();
  });
});

/** Status and code of what is refused before any object is called. */
async function judge(sending: Sending): Promise<[number, unknown]> {
  const answer = await gateway.send("POST", PATH, sending);
  expect(skuCalls()).toEqual([]);
  return [answer.status, answer.body["code"]];
}

/** Each request is wrong in one more way than the one after it; the earlier check has the say. */
describe("the order of checks", () => {
  const big = JSON.stringify({ sku: "phone-1", quantity: 0, filling: "x".repeat(16_384) });
  const json = { "Content-Type": "application/json" };

  it("is the contract's", async () => {
    const bearer = await gateway.bearer("g_ann");
    const key = { "Idempotency-Key": "key-1" };
    const invalid = JSON.stringify({ sku: "phone-1", quantity: 0 });
    const valid = JSON.stringify(ONE_PHONE);
    const text = { "Content-Type": "text/plain" };
    expect(await judge({ headers: text, raw: big })).toEqual([413, "body_too_large"]);
    expect(await judge({ headers: text, raw: "{" })).toEqual([415, "unsupported_media_type"]);
    expect(await judge({ headers: json, raw: "{" })).toEqual([400, "validation_failed"]);
    expect(await judge({ headers: json, raw: invalid })).toEqual([401, "unauthorized"]);
    expect(await judge({ headers: { ...json, ...bearer }, raw: invalid })).toEqual([
      400,
      "idempotency_key_required",
    ]);
    expect(await judge({ headers: { ...json, ...bearer, ...key }, raw: invalid })).toEqual([
      400,
      "validation_failed",
    ]);
    expect(await judge({ headers: { ...json, ...bearer, ...key }, raw: valid })).toEqual([
      403,
      "pass_required",
    ]);
  });

  it("counts a body that does not say how long it is", async () => {
    const stream = new Blob([big]).stream();
    expect(await judge({ headers: json, raw: stream })).toEqual([413, "body_too_large"]);
  });

  it("takes no body for an empty one, and a key of any reasonable length", async () => {
    const bearer = await gateway.bearer("g_ann");
    const headers = { ...bearer, "Idempotency-Key": "key-1" };
    expect(await judge({ headers })).toEqual([400, "validation_failed"]);
    for (const key of ["", "x".repeat(256)])
      expect(await judge({ headers: { ...bearer, "Idempotency-Key": key } })).toEqual([
        400,
        "validation_failed",
      ]);
  });

  it.each(["[]", '"text"', "5", "null", '{"sku":"phone-1","quantity":1'])(
    "refuses the body %s",
    async (raw) => {
      const headers = { ...json, ...(await headersOf()) };
      expect(await judge({ headers, raw })).toEqual([400, "validation_failed"]);
    },
  );

  it("refuses bytes that are not UTF-8, and takes parameters of the media type", async () => {
    const bytes = new Uint8Array([0x7b, 0xff, 0x7d]);
    expect(await judge({ headers: json, raw: bytes })).toEqual([400, "validation_failed"]);
    const headers = { ...(await headersOf()), "Content-Type": "application/json; charset=utf-8" };
    const answer = await gateway.send("POST", PATH, { headers, raw: JSON.stringify(ONE_PHONE) });
    expect(answer.status).toBe(202);
  });
});
