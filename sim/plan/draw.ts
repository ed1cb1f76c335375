import type { QueueSettings } from "../../domain/queue/settings.ts";
import { Dice } from "../kernel/dice.ts";
import { adminOf, liveSettings, withMoves } from "./admin-steps.ts";
import { shoppersOf } from "./crowd.ts";
import { deployOf } from "./deploys.ts";
import { keysOfPlan } from "./keys.ts";
import { EARLY_MAX_MS, PLENTY_UNITS, START_MS, type Plan } from "./plan.ts";
import { ledBy, listed, metered, shuffled, withPublicValue } from "./scenes.ts";
import { sizesOf } from "./sizes.ts";
import { staffOf } from "./staff-steps.ts";
import { faultSharesOf, faultsOf } from "./troubles.ts";

/** Stock is what everybody fights for, or there is enough and capacity decides. */
const SCARCE_MAX_UNITS = 6;
/** In this share of the seeds everyone is let through, as far as the stock reaches. */
const PASSTHROUGH_SHARE = 0.05;
/** … and in this share places are drawn in rounds. */
const RANDOM_SHARE = 0.15;
/** In this share of the seeds nobody who lapsed or expired comes back. */
const ONE_TURN_SHARE = 0.3;
/** In this share of the seeds units are counted by network too, of which shoppers share so many. */
const PER_ADDRESS_SHARE = 0.15;
/** In some sales units are limited by card, in some by postal address, and shoppers share few of both. */
const PER_MEANS_SHARE = 0.1;
/** In this share of the seeds every item has so many intakes: few, so that shoppers meet there. */
const INTAKES_SHARE = 0.2;
const INTAKES = [1, 1, 2, 4] as const;
/** In this share of the seeds the provider tells what it does by notices, too. */
const NOTICES_SHARE = 0.5;
/** In this share of the seeds so many of the shoppers watch the board over a socket: its trees double the steps of a sale. */
const LIVE_SHARE = 0.12;
const WATCH_SHARES = [0.2, 0.5, 1] as const;

/** Draws a sale and its troubles from a seed. */
export function planOf(seed: number): Plan {
  const dice = new Dice(seed, "plan");
  const sizes = sizesOf(dice.fork("sizes"));
  const items = Array.from({ length: sizes.items ?? dice.int(1, 2) }, (_, index) => ({
    sku: `sku-${index + 1}`,
    stock: dice.chance(0.3) ? PLENTY_UNITS : dice.int(1, SCARCE_MAX_UNITS),
  }));
  const shoppers = shoppersOf(dice, items, sizes.shoppers);
  const faults = faultsOf(dice);
  const drawn: Plan = {
    seed,
    rounds: 1,
    edges: sizes.edges,
    faults,
    faultShares: faultSharesOf(dice.fork("shares"), faults),
    notices: dice.fork("notices").chance(NOTICES_SHARE),
    keys: keysOfPlan(dice.fork("keys")),
    watchShare: watchShareOf(dice.fork("live")),
    items,
    intakes: intakesOf(dice.fork("intakes")),
    perShopper: dice.int(1, 3),
    perAddress: limitOf(dice.fork("address"), PER_ADDRESS_SHARE),
    perCard: limitOf(dice.fork("card"), PER_MEANS_SHARE),
    perPostalAddress: limitOf(dice.fork("postal address"), PER_MEANS_SHARE),
    holdSeconds: dice.int(5, 30),
    startsAsDraft: dice.chance(0.1),
    queue: {
      queueingMethod: methodOf(dice),
      ...liveSettings(dice),
      claimSeconds: dice.int(3, 15),
      reorderWindowMs: dice.pick([0, 50, 250]),
      lanes: sizes.lanes ?? dice.int(1, 3),
      prequeueStartsAtMs: dice.chance(0.5) ? START_MS - EARLY_MAX_MS : null,
      shuffleAtStart: false,
      allowRejoin: !dice.chance(ONE_TURN_SHARE),
    },
    shoppers,
    admin: adminOf(dice, items),
    staff: staffOf(seed, items),
    deploy: deployOf(seed),
  };
  const plan = shuffled(drawn, dice.fork("shuffle"));
  const led = ledBy(plan, dice);
  const named = withPublicValue(led, dice.fork("public value"));
  const moved = { ...named, admin: withMoves(named.admin, dice.fork("move")) };
  return metered(listed(moved, dice.fork("list")), dice.fork("rate"));
}

function intakesOf(dice: Dice): number {
  return dice.chance(INTAKES_SHARE) ? dice.pick(INTAKES) : 0;
}

function limitOf(dice: Dice, share: number): number | null {
  return dice.chance(share) ? dice.int(1, 4) : null;
}

function watchShareOf(dice: Dice): number {
  return dice.chance(LIVE_SHARE) ? dice.pick(WATCH_SHARES) : 0;
}

function methodOf(dice: Dice): QueueSettings["queueingMethod"] {
  if (dice.chance(PASSTHROUGH_SHARE)) return "passthrough";
  return dice.chance(RANDOM_SHARE) ? "random" : "fifo";
}
