import { planOf } from "./draw.ts";
import { type Plan } from "./plan.ts";

/** A sale without trouble, where all shoppers are let in and each wants as many units. */
export function quietPlan(shoppers: number, stock: number, quantity = 1): Plan {
  const plan = planOf(1);
  return {
    ...plan,
    queue: { ...plan.queue, newUsersPerMinute: 6_000, totalActiveUsers: 8, lanes: 1 },
    faults: [],
    watchShare: 0,
    keys: [],
    faultShares: {},
    items: [{ sku: "sku-1", stock }],
    intakes: 0,
    perShopper: 2,
    perAddress: null,
    perCard: null,
    perPostalAddress: null,
    admin: [],
    staff: [],
    deploy: null,
    startsAsDraft: false,
    shoppers: Array.from({ length: shoppers }, (_, index) => ({
      subject: `g_${index + 1}`,
      arrivesAfterMs: index * 100,
      sku: "sku-1",
      quantity,
      token: "tok_ok",
      habits: [],
    })),
  };
}
