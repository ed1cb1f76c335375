import { once } from "node:events";
import { createServer } from "node:http";
import { json } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { seedDemo } from "./seed.ts";
import type { SeedTarget } from "./seed.ts";

const NOW_MS = Date.parse("2026-11-22T11:00:00Z");
const TWO_SALES_A_PAGE = 2;

interface FakeShop {
  target: SeedTarget;
  products: Set<string>;
  sales: { saleId: string; state: string; endsAt: string }[];
  refuse(status: number): void;
}

/** What the two kinds of body have that this shop looks at. */
interface CreateRequest {
  productId: string;
  saleId: string;
  endsAt: string;
}

/** The admin API as far as the demo needs it: creates, refuses a product twice, lists in pages. */
async function openShop(): Promise<FakeShop> {
  const products = new Set<string>();
  const sales: FakeShop["sales"] = [];
  let refusal: number | undefined;
  const server = createServer((request, response) => {
    const answer = (status: number, body: object): void => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    };
    const handle = async (): Promise<void> => {
      const url = new URL(request.url ?? "", "http://shop");
      if (refusal !== undefined) return answer(refusal, { code: "refused" });
      if (request.headers.authorization !== "Bearer secret") return answer(401, {});
      if (request.method === "GET") {
        const from = Number(url.searchParams.get("cursor") ?? 0);
        const until = from + TWO_SALES_A_PAGE;
        const cursor = until < sales.length ? { cursor: String(until) } : {};
        return answer(200, { sales: sales.slice(from, until), ...cursor });
      }
      const body = (await json(request)) as CreateRequest;
      if (url.pathname === "/api/v1/admin/products") {
        if (products.has(body.productId)) return answer(409, {});
        products.add(body.productId);
      } else {
        sales.push({ ...body, state: "active" });
      }
      return answer(201, body);
    };
    void handle();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return {
    target: { url: `http://127.0.0.1:${port}`, adminToken: "secret" },
    products,
    sales,
    refuse: (status) => {
      refusal = status;
    },
  };
}

test("seeds an empty shop once and adds nothing at the next start", async () => {
  const shop = await openShop();
  expect(await seedDemo(shop.target, NOW_MS)).toEqual(["demo-phone-1", "demo-weekend-1"]);
  expect(shop.products.size).toBe(6);
  expect(await seedDemo(shop.target, NOW_MS + 1000)).toEqual([]);
  expect(shop.sales).toHaveLength(2);
});

test("replaces a sale that has ended, also when it is on a later page", async () => {
  const shop = await openShop();
  await seedDemo(shop.target, NOW_MS);
  for (const saleId of ["flood-1", "flood-2", "flood-3"]) {
    shop.sales.unshift({ saleId, state: "active", endsAt: "2026-11-23T11:00:00Z" });
  }
  const phoneHasEndedMs = NOW_MS + 2 * 60 * 60 * 1000;
  expect(await seedDemo(shop.target, phoneHasEndedMs)).toEqual(["demo-phone-2"]);
});

test("a refusal is told with its answer, without the token", async () => {
  const shop = await openShop();
  shop.refuse(503);
  const seeding = seedDemo(shop.target, NOW_MS);
  await expect(seeding).rejects.toThrow(/GET \/admin\/sales answered 503 .*refused/);
  await expect(seeding).rejects.not.toThrow(/secret/);
});
