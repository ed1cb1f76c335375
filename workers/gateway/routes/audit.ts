import { itemChain, saleChain, SHOP_CHAIN } from "../../../domain/books/chain.ts";
import { endpoint, LINES_MEDIA_TYPE } from "../endpoint.ts";
import { callObject } from "../object-calls.ts";
import { accepted, refused } from "../problems.ts";
import { BooksQuery, ExportLines, HistoryPage, HistoryQuery, Verified } from "../schemas/audit.ts";
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

/** Whether history is as it was written. */
export const verifyBooks = endpoint(
  {
    tag: "Admin",
    summary:
      "Verify all chains, their copies in the database and the anchors: a part a call, until there is no cursor",
    query: BooksQuery,
    statuses: [200],
    answer: Verified,
    problems: ["busy"],
  },
  async (c, { query: { cursor = null } }) => {
    const { verified } = accepted(await callObject(() => c.env.BOOKS.verify(cursor)));
    const { cursor: next, ...found } = verified;
    return { ...found, ...(next === null ? {} : { cursor: next }) };
  },
);

/** History as it was written, to be verified elsewhere. */
export const exportBooks = endpoint(
  {
    tag: "Admin",
    summary:
      "All chains as lines of JSON, a part a call: the last line has the next cursor, or says that it was all",
    query: BooksQuery,
    statuses: [200],
    answer: ExportLines,
    mediaType: LINES_MEDIA_TYPE,
    problems: ["busy"],
  },
  async (c, { query: { cursor = null } }) => {
    const { lines } = accepted(await callObject(() => c.env.BOOKS.exportChains(cursor)));
    return lines;
  },
);
