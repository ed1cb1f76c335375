import type { z } from "@hono/zod-openapi";
import type { NewSale } from "../../../domain/catalogue.ts";
import { sharedLimits, type SaleCommand } from "../../../domain/purchase/sale.ts";
import { setHeader } from "../answer.ts";
import { readPage } from "../bookmark.ts";
import { endpoint } from "../endpoint.ts";
import { boardOrNull, idInPath, newId, requireAnySale, requireItem } from "../lookups.ts";
import { callObject } from "../object-calls.ts";
import { staffActor } from "../origin.ts";
import { accepted, refused } from "../problems.ts";
import {
  AdjustQueueBody,
  AdminOrderPage,
  AdminOrdersQuery,
  AdminSale,
  AdminSaleList,
  ChangeProductBody,
  ChangeSaleBody,
  NewProductBody,
  NewSaleBody,
  RandomnessBody,
  RestockAnswer,
  RestockBody,
  RevokeBody,
} from "../schemas/admin.ts";
import { LedgerPage, LedgerQuery, Summary, SummaryQuery } from "../schemas/figures.ts";
import { Product } from "../schemas/catalogue.ts";
import { adminOrderView } from "../views/order.ts";
import { adminSaleView } from "../views/sale.ts";
import { ledgerRowView, summaryView } from "../views/figures.ts";

/** Creates a product. */
export const createProduct = endpoint(
  {
    tag: "Admin",
    summary: "Create a product; repeating an id returns the product as it is",
    body: NewProductBody,
    statuses: [201],
    answer: Product,
    problems: ["busy"],
  },
  async (c, { body }) => {
    const given = { ...body, productId: body.productId ?? newId(c, "product") };
    const by = staffActor(c, null);
    const { product } = accepted(await callObject(() => c.env.PURCHASE.createProduct(given, by)));
    c.get("gateway").catalogue.putProduct(product);
    setHeader(c, "Location", `/api/v1/products/${product.productId}`);
    return product;
  },
);

/** Changes a product. */
export const changeProduct = endpoint(
  {
    tag: "Admin",
    summary: "Change a product; sales that exist keep the name and price they were made with",
    body: ChangeProductBody,
    statuses: [200],
    answer: Product,
    problems: ["not_found", "busy"],
  },
  async (c, { body }) => {
    const productId = idInPath(c, "productId");
    const by = staffActor(c, null);
    const { product } = accepted(
      await callObject(() => c.env.PURCHASE.changeProduct(productId, given(body), by)),
    );
    c.get("gateway").catalogue.putProduct(product);
    return product;
  },
);

/** Creates a sale, or finishes or returns the one of this id. */
export const createSale = endpoint(
  {
    tag: "Admin",
    summary: "Create a sale; repeating an id finishes or returns it",
    body: NewSaleBody,
    statuses: [201],
    answer: AdminSale,
    problems: ["busy"],
  },
  async (c, { body }) => {
    const given = newSale(body, body.saleId ?? newId(c, "sale"));
    const by = staffActor(c, null);
    const { sale } = accepted(await callObject(() => c.env.PURCHASE.createSale(given, by)));
    const { saleId } = sale.definition;
    c.get("gateway").catalogue.putSale(sale);
    c.get("gateway").boards.drop(saleId);
    setHeader(c, "Location", `/api/v1/sales/${saleId}`);
    return adminSaleView(sale, await boardOrNull(c, saleId), c.get("gateway").runtime.now());
  },
);

/** All sales, for a page that shows them live. */
export const listSales = endpoint(
  {
    tag: "Admin",
    summary: "All sales, drafts included, with their counters",
    statuses: [200],
    answer: AdminSaleList,
    problems: ["busy"],
  },
  async (c) => {
    const nowMs = c.get("gateway").runtime.now();
    const known = await callObject(() => c.env.PURCHASE.sales());
    const views = known.map(async (sale) =>
      adminSaleView(sale, await boardOrNull(c, sale.definition.saleId), nowMs),
    );
    return { sales: await Promise.all(views) };
  },
);

/** Renames a sale, moves its start or end, or schedules a draft. */
export const changeSale = endpoint(
  {
    tag: "Admin",
    summary: "Change name, start or end, or schedule a draft; a repeat changes nothing",
    body: ChangeSaleBody,
    statuses: [200],
    answer: AdminSale,
    problems: ["not_found", "order_state_conflict", "busy"],
  },
  async (c, { body }) => {
    const saleId = idInPath(c, "saleId");
    await requireAnySale(c);
    const { startsAt: startsAtMs, endsAt: endsAtMs, name, draft, reason = null } = body;
    const changes = given({ name, startsAtMs, endsAtMs, draft });
    const by = staffActor(c, reason);
    const { sale } = accepted(
      await callObject(() => c.env.PURCHASE.changeSale(saleId, changes, by)),
    );
    const { boards, catalogue, runtime } = c.get("gateway");
    catalogue.putSale(sale);
    boards.drop(saleId);
    return adminSaleView(sale, await boardOrNull(c, saleId), runtime.now());
  },
);

/** Makes the endpoint of one command to a sale. */
function saleCommand(command: SaleCommand) {
  return endpoint(
    {
      tag: "Admin",
      summary: `${command[0]?.toUpperCase()}${command.slice(1)} a sale; a repeat changes nothing`,
      statuses: [200],
      answer: AdminSale,
      problems: ["not_found", "order_state_conflict", "busy"],
    },
    async (c) => {
      const saleId = idInPath(c, "saleId");
      const { boards, catalogue, runtime } = c.get("gateway");
      await requireAnySale(c);
      const by = staffActor(c, null);
      const { sale } = accepted(
        await callObject(() => c.env.PURCHASE.commandSale(saleId, command, by)),
      );
      catalogue.putSale(sale);
      boards.drop(saleId);
      return adminSaleView(sale, await boardOrNull(c, saleId), runtime.now());
    },
  );
}

/** Opens a draft or a sale that is still to come. */
export const startSale = saleCommand("start");
/** Stops admission and new holds. */
export const pauseSale = saleCommand("pause");
/** Undoes a pause. */
export const resumeSale = saleCommand("resume");
/** Ends a sale for good. */
export const endSale = saleCommand("end");

/** Changes how a sale's line is led, while it runs. */
export const adjustQueue = endpoint(
  {
    tag: "Admin",
    summary: "Change rate, capacity, session, message, or hold, open and drain the line",
    body: AdjustQueueBody,
    statuses: [200],
    answer: AdminSale,
    problems: ["not_found", "busy"],
  },
  async (c, { body }) => {
    const sale = await requireAnySale(c);
    const { saleId } = sale.definition;
    const { reason = null, ...changes } = body;
    const by = staffActor(c, reason);
    accepted(await callObject(() => c.env.WAITING_ROOM.adjust(saleId, given(changes), by)));
    const { boards, runtime } = c.get("gateway");
    boards.drop(saleId);
    return adminSaleView(sale, await boardOrNull(c, saleId), runtime.now());
  },
);

/** Brings the public random value that a sale's draw waits for. */
export const bringRandomness = endpoint(
  {
    tag: "Admin",
    summary: "Bring the public random value that the sale has named; a repeat changes nothing",
    body: RandomnessBody,
    statuses: [200],
    answer: AdminSale,
    problems: ["not_found", "order_state_conflict", "sale_not_started", "busy"],
  },
  async (c, { body }) => {
    const sale = await requireAnySale(c);
    const { saleId } = sale.definition;
    const { value, reason = null } = body;
    const by = staffActor(c, reason);
    accepted(await callObject(() => c.env.WAITING_ROOM.bringRandomness(saleId, value, by)));
    const { boards, runtime } = c.get("gateway");
    boards.drop(saleId);
    return adminSaleView(sale, await boardOrNull(c, saleId), runtime.now());
  },
);

/** Takes a place in line, or its pass, back. */
export const revokePlace = endpoint(
  {
    tag: "Admin",
    summary: "Take a place or a pass back; a repeat changes nothing",
    body: RevokeBody,
    statuses: [200],
    answer: AdminSale,
    problems: ["not_found", "validation_failed", "busy"],
  },
  async (c, { body }) => {
    const saleId = idInPath(c, "saleId");
    await requireAnySale(c);
    const { number, reason } = body;
    const by = staffActor(c, reason);
    const { sale } = accepted(
      await callObject(() => c.env.PURCHASE.revokePlace(saleId, number, by)),
    );
    const { boards, catalogue, runtime } = c.get("gateway");
    catalogue.putSale(sale);
    boards.drop(saleId);
    return adminSaleView(sale, await boardOrNull(c, saleId), runtime.now());
  },
);

/** Adds or withdraws stock. */
export const restock = endpoint(
  {
    tag: "Admin",
    summary: "Add or withdraw stock, never below what is held and sold",
    body: RestockBody,
    statuses: [200],
    answer: RestockAnswer,
    problems: ["not_found", "busy"],
  },
  async (c, { body }) => {
    const sale = await requireAnySale(c);
    const { sku } = requireItem(sale, c.req.param("sku") ?? "");
    const { quantity, reason } = body;
    const commandId = c.get("idempotencyKey") ?? newId(c, "restock");
    const by = staffActor(c, reason);
    const { level } = accepted(
      await callObject(() => c.env.PURCHASE.restock(sku, quantity, reason, commandId, by)),
    );
    c.get("gateway").boards.drop(sale.definition.saleId);
    return level;
  },
);

/** The figures of a sale. */
export const getSummary = endpoint(
  {
    tag: "Admin",
    summary: "The figures of a sale, and what its objects counted; also as CSV",
    query: SummaryQuery,
    statuses: [200],
    answer: Summary,
    alsoCsv: true,
    problems: ["not_found", "busy"],
  },
  async (c) => {
    const { definition } = await requireAnySale(c);
    const summary = await callObject(() => c.env.PURCHASE.summary(definition.saleId));
    if (!summary) throw refused("not_found");
    return summaryView(summary);
  },
);

/** The ledger of an item, a page at a time. */
export const getLedger = endpoint(
  {
    tag: "Admin",
    summary: "The ledger of an item, oldest row first",
    query: LedgerQuery,
    statuses: [200],
    answer: LedgerPage,
    problems: ["not_found", "busy"],
  },
  async (c, { query }) => {
    const { sku } = requireItem(await requireAnySale(c), query.sku);
    const events = await callObject(() => c.env.PURCHASE.ledger(sku, query.cursor));
    const last = events.at(-1);
    return {
      rows: events.map(ledgerRowView),
      ...(last ? { cursor: String(last.sequence) } : {}),
    };
  },
);

/** Orders, from the database alone. */
export const listOrders = endpoint(
  {
    tag: "Admin",
    summary: "Orders, newest first, from the database alone",
    query: AdminOrdersQuery,
    statuses: [200],
    answer: AdminOrderPage,
    isBookmarked: true,
    problems: ["busy"],
  },
  async (c, { query }) => {
    const { saleId = null, status = null, cursor = null, limit } = query;
    const filter = { saleId, status };
    const page = await readPage(c, (bookmark) =>
      c.env.PURCHASE.allOrders(filter, cursor, limit, bookmark),
    );
    return {
      orders: page.rows.map(adminOrderView),
      ...(page.cursor === null ? {} : { cursor: page.cursor }),
    };
  },
);

function newSale(body: z.output<typeof NewSaleBody>, saleId: string): NewSale {
  const { limits, startsAt, endsAt, queue, ...terms } = body;
  const { prequeueStartsAt, publicRandomness = null, ...settings } = queue;
  return {
    ...terms,
    saleId,
    perShopper: limits.perShopper,
    ...sharedLimits(limits),
    startsAtMs: startsAt,
    endsAtMs: endsAt,
    queue: {
      ...settings,
      ...(publicRandomness && { publicRandomness }),
      prequeueStartsAtMs: prequeueStartsAt ?? null,
    },
  };
}

/** The fields that a body brings: what is left out stays as it is. */
function given<Fields extends object>(fields: Fields): Given<Fields> {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Given<Fields>;
}

type Given<Fields> = { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> };
