import { itemChain, saleChain, SHOP_CHAIN } from "../../../domain/books/chain.ts";
import { endpoint } from "../endpoint.ts";
import { callObject } from "../object-calls.ts";
import { refused } from "../problems.ts";
import { HistoryPage, HistoryQuery } from "../schemas/audit.ts";
import { historyView } from "../views/audit.ts";

/** What happened, who brought it about, and why. */
export const getHistory = endpoint(
  {
    tag: "Admin",
    summary: "The history of a sale, of an item or of the shop, oldest first, from its writer",
    query: HistoryQuery,
    statuses: [200],
    answer: HistoryPage,
    problems: ["not_found", "busy"],
  },
  async (c, { query: { saleId, sku, cursor } }) => {
    const ofSaleOrShop = saleId === undefined ? SHOP_CHAIN : saleChain(saleId);
    const chain = sku === undefined ? ofSaleOrShop : itemChain(sku);
    const page = await callObject(() => c.env.BOOKS.history(chain, cursor));
    if (page === null) throw refused("not_found");
    return historyView(page);
  },
);
