import { beforeEach, expect, it } from "vitest";
import { CATALOGUE } from "../../purchase/events/catalogue.ts";
import { ADMIN_TOKEN, FakeGateway } from "../testing/fake-gateway.ts";

const PATH = "/api/v1/admin/sales/drop/events";
const headers = { Authorization: `Bearer ${ADMIN_TOKEN}` };

let gateway: FakeGateway;
let asked: unknown[][];

beforeEach(() => {
  gateway = new FakeGateway();
  asked = [];
  gateway.onBooks = (method, args) => {
    asked.push([method, ...args]);
    return { rows: [CATALOGUE.OrderConfirmed.example], cursor: "item/phone-1/9" };
  };
});

it("asks the books for a sale's events, or an item's, and shows them as they are", async () => {
  const ofSale = await gateway.send("GET", PATH, { headers });
  expect([ofSale.status, ofSale.body]).toEqual([
    200,
    { events: [CATALOGUE.OrderConfirmed.example], cursor: "item/phone-1/9" },
  ]);
  const after = encodeURIComponent("item/phone-1/9");
  await gateway.send("GET", `${PATH}?sku=phone-1&cursor=${after}&limit=5`, { headers });
  const skus = ["phone-1"];
  expect(asked).toEqual([
    ["events", { saleId: "drop", skus, ofSale: true }, null, 100],
    ["events", { saleId: "drop", skus, ofSale: false }, "item/phone-1/9", 5],
  ]);
});

it("says nothing of a cursor when there is nothing yet", async () => {
  gateway.onBooks = () => ({ rows: [], cursor: null });
  expect((await gateway.send("GET", PATH, { headers })).body).toEqual({ events: [] });
});

it("is for staff, and asks nothing about what there is not", async () => {
  const shopper = await gateway.bearer("g_ann");
  expect((await gateway.send("GET", PATH, { headers: shopper })).status).toBe(403);
  const viewer = await gateway.bearer("u_bea", ["viewer"]);
  expect((await gateway.send("GET", PATH, { headers: viewer })).status).toBe(200);
  for (const path of [PATH.replace("drop", "nope"), `${PATH}?sku=phone-2`])
    expect((await gateway.send("GET", path, { headers })).status).toBe(404);
  expect(asked).toHaveLength(1);
});

it("is described with every event's schema", async () => {
  const { text } = await gateway.send("GET", "/openapi.json");
  const types = Object.keys(CATALOGUE);
  expect(types.filter((type) => !text.includes(`"enum":["${type}"]`))).toEqual([]);
});
