import type { Dice } from "../kernel/dice.ts";

/** In this share of the seeds a sale is of any size; the others are small, since most of what breaks takes few. */
const ANY_SIZE_SHARE = 0.08;
const ITEMS_MAX = 4;
const LANES_MAX = 8;
const EDGES_MAX = 4;
const SHOPPERS_MAX = 60;
/** Edge isolates of a small sale. */
const EDGES = 2;

/** How large a sale is; what is `null` its other draws decide. */
export interface Sizes {
  items: number | null;
  shoppers: number | null;
  lanes: number | null;
  edges: number;
}

/** Draws the size of a sale: how many shoppers and items, lanes and edge isolates. */
export function sizesOf(dice: Dice): Sizes {
  if (!dice.chance(ANY_SIZE_SHARE))
    return { items: null, shoppers: null, lanes: null, edges: EDGES };
  return {
    items: dice.int(1, ITEMS_MAX),
    shoppers: dice.int(1, SHOPPERS_MAX),
    lanes: dice.int(1, LANES_MAX),
    edges: dice.int(1, EDGES_MAX),
  };
}
