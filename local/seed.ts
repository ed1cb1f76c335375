import { z } from "zod";
import { DEMO_PRODUCTS, planDemoSales } from "./demo.ts";
import type { ExistingSale } from "./demo.ts";
import { LocalError } from "./local-error.ts";

/** Beyond this a call hangs; a healthy local system answers within milliseconds. */
const CALL_TIMEOUT_MS = 10_000;

/** More pages of sales than a local state folder ever holds. */
const SALE_PAGES_MAX = 100;

const SalesPage = z.object({
  sales: z.array(z.object({ saleId: z.string(), state: z.string(), endsAt: z.string() })),
  cursor: z.string().nullish(),
});

/** Where the system is and how to be let in. */
export interface SeedTarget {
  /** Base address of the gateway, without a slash at the end. */
  url: string;
  /** Bearer token for the admin routes. */
  adminToken: string;
}

/**
 * Fills the shop with the demo: six products, a sale that is active and one that opens in ten
 * minutes. Goes through the same admin API as a shop keeper. Safe to repeat: creates only what is
 * missing or has ended.
 *
 * @returns the ids of the sales that were created now.
 * @throws LocalError when the API refuses.
 */
export async function seedDemo(target: SeedTarget, nowMs: number): Promise<string[]> {
  const existing = await listSales(target);
  const planned = planDemoSales(existing, nowMs);
  if (planned.length === 0) return [];
  for (const product of DEMO_PRODUCTS) {
    await call(target, "POST", "/admin/products", product);
  }
  for (const sale of planned) {
    await call(target, "POST", "/admin/sales", sale);
  }
  return planned.map((sale) => sale.saleId);
}

async function listSales(target: SeedTarget): Promise<ExistingSale[]> {
  const sales: ExistingSale[] = [];
  let query = "";
  for (let page = 0; page < SALE_PAGES_MAX; page += 1) {
    const body = SalesPage.parse(await call(target, "GET", `/admin/sales${query}`));
    sales.push(...body.sales);
    if (body.cursor === undefined || body.cursor === null) return sales;
    query = `?cursor=${encodeURIComponent(body.cursor)}`;
  }
  throw new LocalError(`the state holds too many sales to look through. Run: npm start -- --fresh`);
}

/** Calls the admin API. 409 counts as done: what is to be created is there already. */
async function call(
  target: SeedTarget,
  method: "GET" | "POST",
  path: string,
  body?: object,
): Promise<unknown> {
  const response = await fetch(`${target.url}/api/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${target.adminToken}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
  });
  const text = await response.text();
  const isDone = response.ok || (method === "POST" && response.status === 409);
  if (!isDone) {
    throw new LocalError(
      `the demo could not be created: ${method} ${path} answered ${response.status} ${text}`,
    );
  }
  return response.headers.get("content-type")?.includes("json") === true
    ? JSON.parse(text)
    : undefined;
}
