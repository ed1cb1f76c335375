import { expect, it } from "vitest";
import { BODY_MAX_BYTES } from "../../domain/limits.ts";
import { CatalogueCache } from "./caches/catalogue-cache.ts";
import { IdentityCache } from "./caches/identity-cache.ts";
import { quickRefusal } from "./quick-refusal.ts";
import { RequestIds } from "./request-ids.ts";
import { FakeGateway, NOON_MS, ORIGIN } from "./testing/fake-gateway.ts";

const PATH = "/api/v1/sales/drop/purchase";
const BODY = JSON.stringify({ sku: "phone-1", quantity: 1 });
const runtime = { now: () => NOON_MS, randomBytes: (length: number) => new Uint8Array(length) };

type Headers = Record<string, string | undefined>;

/** What a shopper sends who has no pass; `undefined` takes a header away. */
async function sent(gateway: FakeGateway, raw: string, changed: Headers) {
  const headers: Headers = {
    ...(await gateway.bearer("g_ann")),
    "Content-Type": "application/json",
    "Content-Length": String(Buffer.byteLength(raw)),
    "Idempotency-Key": "key-1",
    ...changed,
  };
  const present = Object.entries(headers).filter(([, value]) => value !== undefined);
  return { raw, headers: Object.fromEntries(present) as Record<string, string> };
}

/** What is answered without the route, where the sale is in memory. */
async function quick(
  gateway: FakeGateway,
  raw: string,
  changed: Headers = {},
  saleId = "drop",
): Promise<Response | null> {
  const catalogue = new CatalogueCache(runtime);
  catalogue.putSale(gateway.sale);
  const [identities, ids] = [new IdentityCache(), new RequestIds(runtime)];
  const shared = { catalogue, identities, ids, runtime: runtime as never };
  const { headers } = await sent(gateway, raw, changed);
  const request = new Request(ORIGIN + PATH, { method: "POST", headers, body: raw });
  return await quickRefusal(shared, { raw: request, path: PATH, saleId }, gateway.env);
}

it.each([
  ["no pass", BODY, {}, "pass_required"],
  ["unknown fields", `{"a":1,${BODY.slice(1)}`, {}, "pass_required"],
  ["a length that is not said", BODY, { "Content-Length": undefined }, "pass_required"],
  ["no body", "", {}, "validation_failed"],
  ["no JSON", "{", {}, "validation_failed"],
  ["no JSON and no media type", "{", { "Content-Type": undefined }, "unsupported_media_type"],
  ["another media type", BODY, { "Content-Type": "text/plain" }, "unsupported_media_type"],
  ["a lost character", BODY.replace("1", "\uFFFD"), {}, "validation_failed"],
  ["no object", "[]", {}, "validation_failed"],
  ["fields that are wrong", `{"sku":"a b","quantity":0}`, {}, "validation_failed"],
  ["too many units", BODY.replace(":1}", ":101}"), {}, "validation_failed"],
  ["too much", " ".repeat(BODY_MAX_BYTES) + BODY, {}, "body_too_large"],
  ["an item that there is not", BODY.replace("phone-1", "other"), {}, "not_found"],
  ["a guest where none may buy", BODY, {}, "guest_not_allowed"],
])("says what the route says: %s", async (_, raw, changed: Headers, code) => {
  const gateway = new FakeGateway();
  gateway.sale.definition.allowGuests = code !== "guest_not_allowed";
  const answer = await quick(gateway, raw, changed);
  // With a query it is the route that answers.
  const said = await gateway.send("POST", `${PATH}?`, await sent(gateway, raw, changed));
  expect(said.body["code"]).toBe(code);
  const steady = (text = "") => text.replace(/"requestId":"[^"]+"/, "");
  expect(steady(await answer?.text())).toBe(steady(said.text));
  expect(answer?.status).toBe(said.status);
  const ids = { "x-request-id": expect.anything() as unknown };
  expect({ ...Object.fromEntries(answer?.headers ?? []), ...ids }).toEqual({
    ...Object.fromEntries(said.headers),
    ...ids,
  });
});

it.each([
  ["with a pass", { "Queue-Pass": "x" }],
  ["with cookies", { Cookie: "a=b" }],
  ["without an access token", { Authorization: undefined }],
  ["with one that is forged", { Authorization: "Bearer a.b.c" }],
  ["without a key", { "Idempotency-Key": undefined }],
  ["with an empty key", { "Idempotency-Key": "" }],
  ["with a key that is too long", { "Idempotency-Key": "k".repeat(256) }],
])("leaves a purchase to the route: %s", async (_, changed: Headers) => {
  expect(await quick(new FakeGateway(), BODY, changed)).toBeNull();
});

it("leaves to the route what it does not know, and drafts", async () => {
  const gateway = new FakeGateway();
  expect(await quick(gateway, BODY, {}, "other")).toBeNull();
  gateway.sale.control.mode = "draft";
  expect(await quick(gateway, BODY)).toBeNull();
});

it("is how the gateway refuses, once it knows the sale", async () => {
  const gateway = new FakeGateway();
  for (const path of [`${PATH}?`, PATH]) {
    const answer = await gateway.send("POST", path, await sent(gateway, BODY, {}));
    expect(answer).toMatchObject({ status: 403, body: { code: "pass_required" } });
  }
});
