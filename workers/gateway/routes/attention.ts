import type { Page } from "../../purchase/page.ts";
import { readPage } from "../bookmark.ts";
import { endpoint } from "../endpoint.ts";
import type { GatewayContext } from "../gateway.ts";
import { callObject } from "../object-calls.ts";
import { staffActor } from "../origin.ts";
import { accepted } from "../problems.ts";
import { AttentionQuery, ResolveBody } from "../schemas/admin.ts";
import { Attended, AttentionPage } from "../schemas/books.ts";
import { attentionItemView } from "../views/books.ts";
import { adminOrderView } from "../views/order.ts";
import { act } from "./admin-payments.ts";
import { orderNamed } from "./orders.ts";

/** Parts the cursors of the two lists; neither has it. */
const BETWEEN_LISTS = "~";

/** What needs a person. */
export const listAttention = endpoint(
  {
    tag: "Admin",
    summary:
      "What needs a person, newest first: orders whose payments do, and what was found otherwise",
    query: AttentionQuery,
    statuses: [200],
    answer: AttentionPage,
    isBookmarked: true,
    problems: ["busy"],
  },
  async (c, { query: { saleId = null, cursor, limit } }) => {
    const [ofOrders, ofItems] = cursorsOf(cursor);
    const [orders, items] = await Promise.all([
      page(ofOrders, (at) =>
        readPage(c, (bookmark) => c.env.PURCHASE.attention(saleId, at, limit, bookmark)),
      ),
      page(ofItems, (at) => callObject(() => c.env.BOOKS.attention(saleId, at, limit))),
    ]);
    const next = [orders.cursor ?? "", items.cursor ?? ""].join(BETWEEN_LISTS);
    return {
      orders: orders.rows.map(adminOrderView),
      items: items.rows.map(attentionItemView),
      ...(next === BETWEEN_LISTS ? {} : { cursor: next }),
    };
  },
);

/** Tries again. */
export const retryAttention = endpoint(
  {
    tag: "Admin",
    summary:
      "Ask the provider again about a payment that needs attention, compare an item's books again, or send messages again",
    statuses: [200],
    answer: Attended,
    problems: ["not_found", "order_state_conflict", "busy"],
  },
  async (c) => {
    const id = idOf(c);
    const order = orderNamed(c, id);
    if (order) return act(c, order, "retryPayment", "retried");
    const by = staffActor(c, null);
    return attentionItemView(
      accepted(await callObject(() => c.env.BOOKS.retryAttention(id, by))).item,
    );
  },
);

/** Takes a person's word for it. */
export const resolveAttention = endpoint(
  {
    tag: "Admin",
    summary: "Say that what needs attention was put right by hand, and how",
    body: ResolveBody,
    statuses: [200],
    answer: Attended,
    problems: ["not_found", "order_state_conflict", "busy"],
  },
  async (c, { body: { note } }) => {
    const id = idOf(c);
    const order = orderNamed(c, id);
    if (order) return act(c, order, "resolvePayment", note);
    const by = staffActor(c, note);
    return attentionItemView(
      accepted(await callObject(() => c.env.BOOKS.resolveAttention(id, by))).item,
    );
  },
);

/** Where each list goes on: `null` from its start, `undefined` where there is nothing more of it. */
function cursorsOf(cursor: string | undefined): (string | null | undefined)[] {
  if (cursor === undefined) return [null, null];
  const [orders = "", items = ""] = cursor.split(BETWEEN_LISTS);
  return [orders || undefined, items || undefined];
}

async function page<Row>(
  cursor: string | null | undefined,
  ask: (cursor: string | null) => Promise<Page<Row>>,
): Promise<Page<Row>> {
  return cursor === undefined ? { rows: [], cursor: null } : ask(cursor);
}

/** An order's id, or an item's: the one that there is decides. */
function idOf(c: GatewayContext): string {
  return c.req.param("id") ?? "";
}
