/** The form that creates a sale: when, what, how many, and how fast the line moves. */
import type { NewSale, Product } from "../contract.ts";
import { h } from "../dom.ts";
import type { AdminApi } from "./admin-api.ts";
import {
  inputField,
  majorUnits,
  minorUnits,
  selectField,
  textOf,
  textsOf,
  tickField,
  workForm,
} from "./form.ts";
import { limitsOf, SHARED_LIMITS } from "./limits.ts";

const MINUTE_MS = 60_000;
const OPENS_IN_DEFAULT_MS = 10 * MINUTE_MS;
/** Articles that one sale can have in this form; the interface allows more. */
const ARTICLES_MAX = 6;
/** Random letters at the end of a sku: it may belong to one sale only. */
const SKU_SUFFIX_LENGTH = 5;

/** A moment as `datetime-local` writes it, in the admin's own time zone. */
function localMoment(atMs: number): string {
  const offsetMs = new Date(atMs).getTimezoneOffset() * MINUTE_MS;
  return new Date(atMs - offsetMs).toISOString().slice(0, 16);
}

function suffix(): string {
  return crypto
    .getRandomValues(new Uint32Array(1))
    .toString()
    .slice(-SKU_SUFFIX_LENGTH)
    .padStart(SKU_SUFFIX_LENGTH, "0");
}

function articleRow(products: readonly Product[]): HTMLElement {
  const price = inputField("Sale price", "salePrice", {
    type: "number",
    min: 0,
    step: 0.01,
    required: true,
  });
  const choice = selectField(
    "Product",
    "productId",
    products.map(({ productId, name }) => [productId, name] as const),
  );
  const suggestPrice = (): void => {
    const select = choice.querySelector("select");
    const input = price.querySelector("input");
    const product = products.find(({ productId }) => productId === select?.value);
    if (input !== null && product !== undefined) {
      input.value = majorUnits(Math.round(product.price.amount / 2), product.price.currency);
    }
  };
  choice.addEventListener("change", suggestPrice);
  suggestPrice();
  const stock = inputField("Units", "stock", {
    type: "number",
    min: 1,
    value: 100,
    required: true,
  });
  return h("div", { class: "article-row" }, choice, price, stock);
}

function read(data: FormData, products: readonly Product[]): NewSale {
  const prices = textsOf(data, "salePrice");
  const stocks = textsOf(data, "stock").map(Number);
  const items = textsOf(data, "productId").map((productId, index) => {
    const product = products.find((known) => known.productId === productId);
    const currency = product?.price.currency ?? "EUR";
    return {
      sku: `${productId}-${suffix()}`,
      productId,
      salePrice: { amount: minorUnits(prices[index] ?? "0", currency), currency },
      stock: stocks[index] ?? 0,
    };
  });
  const startsAtMs =
    data.get("now") === null ? Date.parse(textOf(data, "startsAt")) : Date.now() - 1_000;
  const endsAtMs = startsAtMs + Number(textOf(data, "minutes")) * MINUTE_MS;
  return {
    name: textOf(data, "name"),
    startsAt: new Date(startsAtMs).toISOString(),
    endsAt: new Date(endsAtMs).toISOString(),
    allowGuests: true,
    limits: limitsOf(data),
    holdSeconds: Number(textOf(data, "holdSeconds")),
    items,
    queue: {
      newUsersPerMinute: Number(textOf(data, "newUsersPerMinute")),
      totalActiveUsers: Number(textOf(data, "totalActiveUsers")),
      ...(data.get("early") === null ? {} : { prequeueStartsAt: new Date().toISOString() }),
      shuffleAtStart: data.get("shuffle") !== null,
      ...randomnessOf(data),
    },
  };
}

/** The public value as typed; two fields that are left empty name none. */
function randomnessOf(data: FormData): Pick<NewSale["queue"], "publicRandomness"> {
  const publicRandomness = { source: textOf(data, "source"), round: textOf(data, "round") };
  const isNamed = publicRandomness.source !== "" || publicRandomness.round !== "";
  return isNamed ? { publicRandomness } : {};
}

function countField(label: string, name: string, value: number): HTMLElement {
  return inputField(label, name, { type: "number", min: 1, value, required: true });
}

/** Builds the form; `created` hears the id of the new sale. */
export function newSaleForm(
  api: AdminApi,
  products: readonly Product[],
  created: (saleId: string) => void,
): HTMLElement {
  const rows = h("div", { class: "article-rows" }, articleRow(products));
  const addArticle = h(
    "button",
    {
      class: "button button-quiet",
      type: "button",
      click: () => {
        if (rows.children.length < ARTICLES_MAX) {
          rows.append(articleRow(products));
        }
      },
    },
    "Add an article",
  );
  const work = async (data: FormData): Promise<string> => {
    const { saleId, name } = await api.createSale(read(data, products));
    created(saleId);
    return `${name} is created.`;
  };
  return workForm(
    "Create the sale",
    work,
    inputField("Name", "name", { required: true, maxlength: 200 }),
    h("fieldset", { class: "articles" }, h("legend", {}, "Articles"), rows, addArticle),
    inputField("Starts", "startsAt", {
      type: "datetime-local",
      value: localMoment(Date.now() + OPENS_IN_DEFAULT_MS),
      required: true,
    }),
    countField("Lasts, minutes", "minutes", 120),
    tickField("Start it now instead", "now", false),
    tickField("Let shoppers into the line early", "early", true),
    tickField("Draw early places by lot", "shuffle", false),
    h(
      "div",
      { class: "field-pair" },
      inputField("Public value in the draw: source", "source", {
        maxlength: 200,
        placeholder: "None",
      }),
      inputField("Its round", "round", { maxlength: 100, placeholder: "None" }),
    ),
    countField("Units per shopper", "perShopper", 1),
    ...SHARED_LIMITS.map(([field, whose]) =>
      inputField(`Units per ${whose}`, field, { type: "number", min: 1, placeholder: "No limit" }),
    ),
    countField("Time to pay, seconds", "holdSeconds", 120),
    countField("Shoppers let in per minute", "newUsersPerMinute", 600),
    countField("Shoppers inside at once", "totalActiveUsers", 500),
  );
}
