import type { CataloguedSale } from "../../../domain/catalogue.ts";
import type { FairnessFacts } from "../caches/fairness-cache.ts";
import { endpoint } from "../endpoint.ts";
import { callerOf, type GatewayContext } from "../gateway.ts";
import { requireAnySale, requireSale } from "../lookups.ts";
import { refused } from "../problems.ts";
import { AdminFairness, Fairness } from "../schemas/fairness.ts";
import { adminFairnessView, fairnessView } from "../views/fairness.ts";

/** As young as the isolate's own copy. */
const MAX_AGE_SECONDS = 5;

/** How fair a sale is or was. */
export const getFairness = endpoint(
  {
    tag: "Fairness",
    summary: "How fair the line is or was, worked out from the public log at most every 10 seconds",
    statuses: [200],
    answer: Fairness,
    maxAgeSeconds: MAX_AGE_SECONDS,
    problems: ["not_found", "busy"],
  },
  async (c) => {
    const sale = await requireSale(c);
    return fairnessView(sale.definition.saleId, await factsOf(c, sale));
  },
);

/** The same for staff, drafts included. */
export const getAdminFairness = endpoint(
  {
    tag: "Admin",
    summary: "How fair the line is or was; with the places furthest from their order, and units",
    statuses: [200],
    answer: AdminFairness,
    problems: ["not_found", "busy"],
  },
  async (c) => {
    const sale = await requireAnySale(c);
    return adminFairnessView(sale.definition.saleId, await factsOf(c, sale));
  },
);

async function factsOf(c: GatewayContext, { definition }: CataloguedSale): Promise<FairnessFacts> {
  const facts = await c.get("gateway").fairness.get(callerOf(c), definition.saleId);
  if (!facts) throw refused("not_found", { detail: "The sale has no public log." });
  return facts;
}
