import { median } from "../compare/statistics.ts";
import type { Driven, ItemStats } from "./shop.ts";
import { IntakeShop } from "./shop.ts";
import type { Kept } from "./load-worker.ts";

const SKU = "hot";
/** Its rows are counted: what it takes is not measured. */
const COUNTED_SKU = "counted";
const COUNTED_SHOPPERS = 50;

/** How much is done. */
export interface IntakePlan {
  intakes: number;
  /** Shoppers who buy at each intake at a time. */
  atOnce: number;
  /** Shoppers of each intake in a round. */
  shoppers: number;
  rounds: number;
}

/** What came of it. */
export interface ItemFigures {
  /** Reservations of a round by the CPU time that the item's process took until the last answer, a second; of each round. */
  perCpuSecond: number[];
  /** The same with the time until all pages, acknowledgements and reports are through. */
  perCpuSecondInAll: number[];
  /** Reservations of a round by the clock: the load shares the machine. */
  perSecond: number[];
  sold: number;
  refused: number;
  calls: { item: Record<string, number>; perIntake: number; batchesPerIntake: number };
  commits: number;
  /** Purchases of a call to the item. */
  perBatch: number;
  rowsPerReservation: number;
  breaches: string[];
}

/** Sells by the intakes: a round that is not counted, the rounds, and one more that wants twice what is left. */
export async function measureItem(
  plan: IntakePlan,
  folder: string,
  say: (line: string) => void,
): Promise<ItemFigures> {
  const shop = await IntakeShop.start(folder);
  try {
    const { atOnce, intakes, rounds, shoppers } = plan;
    const ofRound = intakes * shoppers;
    const stock = ofRound * (rounds + 1) + Math.floor(ofRound / 2);
    await shop.create(SKU, stock);
    const all: Driven[] = [];
    for (let round = 0; round <= rounds + 1; round++) {
      const from = round * shoppers;
      const driven = await shop.drive({ sku: SKU, intakes, atOnce, from, shoppers });
      all.push(driven);
      say(`${nameOf(round, rounds)}: ${Math.round(ofRound / driven.cpuSeconds)} a CPU second`);
    }
    const measured = all.slice(1, -1);
    const stats = await shop.stats(SKU);
    const seen = await shop.intakeCalls(SKU, intakes);
    const batches = stats.calls["intake.batch"] ?? 0;
    const told = all.flatMap((driven) => driven.told);
    const orderIds = told.flatMap((each) => each.orderIds);
    const refused = told.reduce((sum, each) => sum + (each.refused["sold_out"] ?? 0), 0);
    const wanted = ofRound * all.length;
    return {
      perCpuSecond: measured.map(({ cpuSeconds }) => ofRound / cpuSeconds),
      perCpuSecondInAll: measured.map(({ cpuSecondsInAll }) => ofRound / cpuSecondsInAll),
      perSecond: measured.map(({ seconds }) => ofRound / seconds),
      sold: orderIds.length,
      refused,
      calls: {
        item: stats.calls,
        perIntake: median(seen.map((calls) => calls["shopper.reserve"] ?? 0)),
        batchesPerIntake: median(seen.map((calls) => calls["intake.batch"] ?? 0)),
      },
      commits: stats.commits,
      perBatch: wanted / batches,
      rowsPerReservation: await countRows(shop),
      breaches: breachesOf({
        orderIds,
        refused,
        wanted,
        stock,
        stats,
        wrong: told.reduce((sum, each) => sum + each.wrong, 0),
        kept: await shop.kept(SKU),
      }),
    };
  } finally {
    await shop.stop();
  }
}

function nameOf(round: number, rounds: number): string {
  if (round === 0) return "warm-up";
  return round > rounds ? "selling out" : `round ${round} of ${rounds}`;
}

/** Rows of tables and indexes that a reservation writes, of one intake's batch. */
async function countRows(shop: IntakeShop): Promise<number> {
  await shop.create(COUNTED_SKU, COUNTED_SHOPPERS);
  const before = await shop.rowsWritten(COUNTED_SKU);
  const shoppers = COUNTED_SHOPPERS;
  await shop.drive({ sku: COUNTED_SKU, intakes: 1, atOnce: shoppers, from: 0, shoppers });
  return ((await shop.rowsWritten(COUNTED_SKU)) - before) / shoppers;
}

/** What was told beside what was kept, as sentences; none when both are the same. */
export function breachesOf(run: {
  orderIds: readonly string[];
  refused: number;
  wanted: number;
  wrong: number;
  stock: number;
  stats: ItemStats;
  kept: Kept;
}): string[] {
  const { kept, orderIds, refused, stats, stock, wanted, wrong } = run;
  const { available, held, sold } = stats.level;
  const told = new Set(orderIds);
  const written = new Set(kept.orderIds);
  const lost = [...told].filter((id) => !written.has(id)).length;
  const untold = [...written].filter((id) => !told.has(id)).length;
  const breaches: [boolean, string][] = [
    [told.size !== orderIds.length, `${orderIds.length - told.size} orders told more than once`],
    [written.size !== kept.orderIds.length, "orders kept more than once"],
    [lost > 0, `${lost} orders told and not kept`],
    [untold > 0, `${untold} orders kept and told nobody`],
    [wrong > 0, `${wrong} answers of somebody else's purchase`],
    [kept.broken > 0, `${kept.broken} rows that do not follow from the one before`],
    [held !== orderIds.length, `${held} units held for ${orderIds.length} orders`],
    [available + held + sold !== stock || held > stock, "the counters do not balance"],
    [available > 0 && refused > 0, `${refused} told "sold out" while ${available} are there`],
    [orderIds.length + refused + wrong !== wanted, "purchases without an answer"],
  ];
  return breaches.filter(([isBroken]) => isBroken).map(([, sentence]) => sentence);
}
