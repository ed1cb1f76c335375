import { Dice } from "../kernel/dice.ts";
import { planOf } from "./draw.ts";
import { ROUND_MS, START_MS, type AdminStep, type Plan } from "./plan.ts";

/** Shopper calls of one crowd, about: in a long sale many wait longer. */
const ROUND_OPERATIONS = 450;
/** A round's crowd is that of another seed. */
const SEED_MAX = 2 ** 31;

/**
 * The sale of a seed; with a number of operations one of about as many shopper calls. For fewer than those of one
 * crowd, only the first of it come; for more, the crowd is followed by others, three quarters of a minute apart, who
 * find new stock and what their own admin does, and the sale ends with the last of them.
 */
export function planFor(seed: number, operations = 0): Plan {
  const first = planOf(seed);
  if (operations > 0 && operations < ROUND_OPERATIONS)
    return withShare(first, operations / ROUND_OPERATIONS);
  const rounds = Math.ceil(operations / ROUND_OPERATIONS);
  if (rounds <= 1) return first;
  const dice = new Dice(seed, "rounds");
  const shoppers = [...first.shoppers];
  const admin = first.admin.filter(isOfRound);
  for (let round = 1; round < rounds; round++) {
    const plan = planOf(dice.int(0, SEED_MAX));
    const laterMs = round * ROUND_MS;
    const skuOf = (sku: string): string =>
      first.items.some((item) => item.sku === sku) ? sku : (first.items[0]?.sku ?? sku);
    for (const shopper of plan.shoppers)
      shoppers.push({
        ...shopper,
        subject: `g_${shoppers.length + 1}`,
        arrivesAfterMs: shopper.arrivesAfterMs + laterMs,
        sku: skuOf(shopper.sku),
      });
    admin.push(...openingOf(plan, first, laterMs));
    for (const { atMs, action } of plan.admin.filter(isOfRound))
      admin.push({
        atMs: atMs + laterMs,
        action: action.kind === "restock" ? { ...action, sku: skuOf(action.sku) } : action,
      });
  }
  return { ...first, rounds, shoppers, admin: admin.toSorted((a, b) => a.atMs - b.atMs) };
}

function withShare(plan: Plan, share: number): Plan {
  const count = Math.ceil(plan.shoppers.length * share);
  return { ...plan, shoppers: plan.shoppers.slice(0, count) };
}

/** What ends a sale or moves its times would end all rounds. */
function isOfRound({ action: { kind } }: AdminStep): boolean {
  return kind !== "end" && kind !== "move";
}

/** A round begins with the line open, as its plan has it, and with new stock. */
function openingOf(plan: Plan, first: Plan, laterMs: number): AdminStep[] {
  const startsAtMs = START_MS + laterMs;
  const { newUsersPerMinute, totalActiveUsers, sessionDurationSeconds } = plan.queue;
  const changes = {
    newUsersPerMinute,
    totalActiveUsers,
    sessionDurationSeconds,
    queueAll: false,
    suspended: false,
    draining: false,
  };
  const stock = plan.items.map(({ stock: quantity }, index) => {
    const sku = first.items[index % first.items.length]?.sku ?? "";
    return { atMs: startsAtMs, action: { kind: "restock", sku, quantity } } as const;
  });
  return [
    { atMs: startsAtMs, action: { kind: "resume" } },
    { atMs: startsAtMs, action: { kind: "adjust", changes } },
    ...stock,
  ];
}
