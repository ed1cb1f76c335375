import { env, exports } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { Client, type Answer } from "../support/client.ts";

const { SKU } = env as unknown as PurchaseEnv;
const client = new Client(
  (path, init) => exports.default.fetch(new Request(`https://shop.example${path}`, init)),
  "admin-token-of-the-tests",
);

/** A sale with a shopper who may buy, and another shopper of the same sale. */
const SALE = "bad";
const SKU_NAME = `${SALE}-phone`;
let shopper: { bearer: string; ticket: string; pass: string };
let other: { bearer: string; ticket: string; pass: string };

beforeAll(async () => {
  await client.sale(SALE, { limits: { perShopper: 2 } }, 10);
  await client.sale("elsewhere");
  shopper = await client.admitted(SALE);
  other = await client.admitted(SALE);
});

const purchasePath = `/sales/${SALE}/purchase`;
const order = { sku: SKU_NAME, quantity: 1 };

/** Expects a problem of this status and code, in the contract's shape. */
function expectProblem(answer: Answer, status: number, code: string): void {
  expect(answer.body).toMatchObject({ status, code });
  expect(answer.status).toBe(status);
  expect(answer.headers.get("Content-Type")).toContain("application/problem+json");
  expect(answer.headers.get("X-Request-Id")).toBe(answer.body["requestId"]);
  expect(answer.headers.get("Cache-Control")).toBe("no-store");
  expect(answer.body["detail"]).toEqual(expect.any(String));
}

/** Runs `act` and expects that the item is as it was: nothing written, nothing held. */
async function changesNothing(act: () => Promise<void>): Promise<void> {
  const before = await SKU.getByName(SKU_NAME).stats();
  await act();
  const after = await SKU.getByName(SKU_NAME).stats();
  expect(after?.level).toEqual(before?.level);
  expect(after?.sequence).toBe(before?.sequence);
}

/** The same text with one bit changed at `index`. */
function flipBit(text: string, index: number, bit: number): string {
  const code = text.charCodeAt(index) ^ (1 << bit);
  return text.slice(0, index) + String.fromCharCode(code) + text.slice(index + 1);
}

async function raw(body: BodyInit | null, headers: Record<string, string>): Promise<Answer> {
  const response = await exports.default.fetch(
    new Request(`https://shop.example/api/v1${purchasePath}`, { method: "POST", headers, body }),
  );
  const text = await response.text();
  const { status } = response;
  return { status, headers: response.headers, text, body: JSON.parse(text) as Answer["body"] };
}

describe("a purchase that is not one", () => {
  const headers = () => ({
    Authorization: `Bearer ${shopper.bearer}`,
    "Queue-Pass": shopper.pass,
    "Idempotency-Key": "bad",
    "Content-Type": "application/json",
  });

  it.each([
    ["malformed JSON", '{"sku":', 400, "validation_failed"],
    ["no object", '"phone"', 400, "validation_failed"],
    ["an empty body", "", 400, "validation_failed"],
    ["a body over 16 KB", JSON.stringify({ sku: "x".repeat(17_000) }), 413, "body_too_large"],
  ])("%s", async (_name, body, status, code) => {
    await changesNothing(async () => {
      expectProblem(await raw(body, headers()), status, code);
    });
  });

  it("a body that is not JSON by its media type", async () => {
    await changesNothing(async () => {
      const wrong = { ...headers(), "Content-Type": "text/plain" };
      expectProblem(await raw(JSON.stringify(order), wrong), 415, "unsupported_media_type");
    });
  });

  it("a body over 16 KB that does not say how long it is", async () => {
    const chunk = new Uint8Array(1024).fill(32);
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 1;
        if (sent > 64) controller.close();
        else controller.enqueue(chunk);
      },
    });
    expectProblem(await raw(endless, headers()), 413, "body_too_large");
  });

  it.each([
    ["quantity 0", { sku: SKU_NAME, quantity: 0 }, ["quantity"]],
    ["quantity -1", { sku: SKU_NAME, quantity: -1 }, ["quantity"]],
    ["quantity 1.5", { sku: SKU_NAME, quantity: 1.5 }, ["quantity"]],
    ["quantity 1e9", { sku: SKU_NAME, quantity: 1e9 }, ["quantity"]],
    ["a quantity that is text", { sku: SKU_NAME, quantity: "1" }, ["quantity"]],
    ["no quantity", { sku: SKU_NAME }, ["quantity"]],
    ["two wrong fields, both named", { sku: 7, quantity: null }, ["sku", "quantity"]],
  ])("%s", async (_name, body, fields) => {
    await changesNothing(async () => {
      const answer = await client.call("POST", purchasePath, { ...shopper, key: "k", body });
      expectProblem(answer, 400, "validation_failed");
      const paths = (answer.body["errors"] as { path: string }[]).map((error) =>
        error.path.replace(/^body\./, ""),
      );
      expect(paths.sort()).toEqual([...fields].sort());
    });
  });

  it("an unknown sale, an unknown item and an item of another sale", async () => {
    for (const [sale, sku] of [
      ["nowhere", SKU_NAME],
      [SALE, "nothing"],
      [SALE, "elsewhere-phone"],
    ]) {
      const path = `/sales/${sale}/purchase`;
      const body = { sku, quantity: 1 };
      const answer = await client.call("POST", path, { ...shopper, key: "k", body });
      expectProblem(answer, 404, "not_found");
    }
    expect(await SKU.getByName("nothing").stats()).toBeNull();
  });

  it("no idempotency key, an empty one, one that is too long", async () => {
    const without = await client.call("POST", purchasePath, { ...shopper, body: order });
    expectProblem(without, 400, "idempotency_key_required");
    const long = { ...shopper, key: "k".repeat(256), body: order };
    expectProblem(await client.call("POST", purchasePath, long), 400, "validation_failed");
  });

  it("nobody, and somebody with a token that is not ours", async () => {
    for (const bearer of [undefined, "nonsense", flipBit(shopper.bearer, 60, 0)]) {
      const credentials = bearer === undefined ? {} : { bearer };
      const options = { ...credentials, pass: shopper.pass, key: "k", body: order };
      const answer = await client.call("POST", purchasePath, options);
      expectProblem(answer, 401, "unauthorized");
      expect(answer.headers.get("WWW-Authenticate")).toContain("Bearer");
    }
  });
});

describe("tickets and passes", () => {
  it("refuses a pass that is missing, of another shopper, of another sale", async () => {
    const elsewhere = await client.admitted("elsewhere");
    await changesNothing(async () => {
      const { bearer } = shopper;
      const missing = await client.call("POST", purchasePath, { bearer, key: "k", body: order });
      expectProblem(missing, 403, "pass_required");
      for (const pass of [other.pass, elsewhere.pass, shopper.ticket, `${shopper.pass}=`]) {
        const answer = await client.call("POST", purchasePath, {
          bearer,
          pass,
          key: "k",
          body: order,
        });
        expectProblem(answer, 403, "pass_invalid");
      }
    });
  });

  it("refuses a pass with any one bit changed, and any other last character", async () => {
    await changesNothing(async () => {
      const { pass } = shopper;
      for (let index = 0; index < pass.length; index++) {
        const forged = flipBit(pass, index, index % 6);
        if (!/^[\x21-\x7e]+$/.test(forged)) continue;
        const answer = await client.call("POST", purchasePath, {
          ...shopper,
          pass: forged,
          key: "k",
          body: order,
        });
        expect([answer.status, answer.body["code"]]).toEqual([403, "pass_invalid"]);
      }
      const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
      for (const last of alphabet) {
        if (pass.endsWith(last)) continue;
        const forged = pass.slice(0, -1) + last;
        const options = { ...shopper, pass: forged, key: "k", body: order };
        const answer = await client.call("POST", purchasePath, options);
        expect(answer.status).toBe(403);
      }
    });
  });

  it("refuses a ticket that is missing, forged, of another sale or of another shopper", async () => {
    const path = `/sales/${SALE}/queue`;
    expectProblem(await client.call("GET", path), 403, "ticket_invalid");
    for (let index = 0; index < shopper.ticket.length; index++) {
      const ticket = flipBit(shopper.ticket, index, index % 6);
      if (!/^[\x21-\x7e]+$/.test(ticket)) continue;
      const answer = await client.call("GET", path, { ticket });
      expect([answer.status, answer.body["code"]]).toEqual([403, "ticket_invalid"]);
    }
    const wrongSale = await client.call("GET", "/sales/elsewhere/queue", shopper);
    expectProblem(wrongSale, 403, "ticket_invalid");
    const wrongShopper = { bearer: other.bearer, ticket: shopper.ticket };
    expectProblem(await client.call("GET", path, wrongShopper), 403, "ticket_invalid");
    expectProblem(await client.call("DELETE", path, wrongShopper), 403, "ticket_invalid");
  });
});

describe("orders of others and orders that never were", () => {
  it("answers 404 for both, whatever is asked", async () => {
    const { bearer, ticket, pass } = await client.admitted(SALE);
    const bought = await client.call("POST", purchasePath, { bearer, pass, key: "k", body: order });
    const orderId = String(bought.body["orderId"]);
    expect([bought.status, ticket.length > 0]).toEqual([202, true]);
    const checkout = { key: "k", body: { paymentMethod: "card", paymentToken: "tok_ok" } };
    for (const id of [orderId, `${SKU_NAME}.AAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAA`, "nonsense"]) {
      const as = id === orderId ? other : { bearer };
      expectProblem(await client.call("GET", `/orders/${id}`, as), 404, "not_found");
      expectProblem(await client.call("GET", `/orders/${id}/status`, as), 404, "not_found");
      expectProblem(await client.call("POST", `/orders/${id}/cancel`, as), 404, "not_found");
      const paid = await client.call("POST", `/orders/${id}/checkout`, { ...as, ...checkout });
      expectProblem(paid, 404, "not_found");
    }
  });
});
