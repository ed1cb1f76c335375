import { expect } from "vitest";
import type { NewSale, Product } from "../../../domain/catalogue.ts";
import type { CataloguedSale } from "../../../domain/catalogue.ts";
import { bindings, uniqueName } from "./objects.ts";
import { HOUR_MS, NOON_MS, queueSettings } from "./samples.ts";

/** A product for 799.00 EUR. */
export function product(changes: Partial<Product> = {}): Product {
  return {
    productId: uniqueName("product"),
    name: "Phone 12",
    description: "A phone.",
    price: { amount: 79_900, currency: "EUR" },
    images: ["https://shop.example/phone.jpg"],
    ...changes,
  };
}

/** Creates a product; its id. */
export async function createProduct(changes: Partial<Product> = {}): Promise<string> {
  const wanted = product(changes);
  const created = await bindings.PURCHASE.createProduct(wanted);
  expect(created).toEqual({ ok: true, product: wanted });
  return wanted.productId;
}

/** A running sale of ten units of one item, two a shopper, to be created. */
export async function newSale(changes: Partial<NewSale> = {}): Promise<NewSale> {
  const saleId = changes.saleId ?? uniqueName("sale");
  const items = changes.items ?? [
    {
      sku: `${saleId}-phone`,
      productId: await createProduct(),
      salePrice: { amount: 49_900, currency: "EUR" },
      stock: 10,
    },
  ];
  return {
    saleId,
    name: "Half-price phones",
    allowGuests: true,
    perShopper: 2,
    holdSeconds: 120,
    queue: queueSettings(),
    draft: false,
    startsAtMs: NOON_MS - HOUR_MS,
    endsAtMs: NOON_MS + HOUR_MS,
    ...changes,
    items,
  };
}

/** Creates a sale that has to be accepted. */
export async function createSale(changes: Partial<NewSale> = {}): Promise<CataloguedSale> {
  const created = await bindings.PURCHASE.createSale(await newSale(changes));
  if (!created.ok) throw new Error(`Refused: ${JSON.stringify(created)}`);
  return created.sale;
}
