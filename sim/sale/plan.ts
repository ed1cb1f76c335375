import type { SaleChanges } from "../../domain/purchase/sale-changes.ts";
import type { LiveControls, QueueSettings } from "../../domain/queue/settings.ts";
import { drawsPlaces } from "../../domain/queue/shuffle.ts";
import { Dice } from "../kernel/dice.ts";
import { FAULT_KINDS, LATER_FAULT_KINDS, type FaultKind } from "../kernel/faults.ts";

/** When simulated sales start: a fixed Sunday noon. */
export const START_MS = Date.UTC(2030, 5, 2, 12);
/** Everything goes wrong from a while before the start until this long after it. */
const TROUBLE_MS = 60_000;
/** In a long sale one crowd comes so long after the other. */
export const ROUND_MS = 45_000;
/** Shoppers come in from this long before the start … */
const EARLY_MAX_MS = 5_000;
/** … to this long after it. */
const LATE_MAX_MS = 30_000;
/** In a burst all come within this long after the start. */
const BURST_MAX_MS = 500;
const SHOPPERS_MAX = 16;
/** Stock is what everybody fights for, or there is enough and capacity decides. */
const SCARCE_MAX_UNITS = 6;
const PLENTY_UNITS = 20;
/** A shopper has each habit with this chance; in a wayward crowd, with the second one. */
const HABIT_SHARE = 0.1;
const WAYWARD_HABIT_SHARE = 0.3;
/** Of a crowd of no-shows more come, and this share never looks again: the line invites ahead. */
const NO_SHOWS_MIN_SHOPPERS = 20;
const NO_SHOWS_MAX_SHOPPERS = 30;
const NO_SHOW_SHARE = 0.5;
const ADMIN_STEPS_MAX = 8;
/** … between a while before the start and this long after it. */
const ADMIN_MAX_MS = 40_000;
/** In this share of the seeds everyone is let through, as far as the stock reaches. */
const PASSTHROUGH_SHARE = 0.05;
/** … and in this share places are drawn in rounds. */
const RANDOM_SHARE = 0.15;
/** In this share of the seeds nobody who lapsed or expired comes back. */
const ONE_TURN_SHARE = 0.3;
/** An admin takes back the place of one of the first. */
const REVOKED_MAX_NUMBER = 5;
/** An admin refunds one of so many orders. */
const ORDERS_MAX_PICK = 9;
/** In this share of the seeds an admin turns the capacity down while the first ones are called. */
const SQUEEZE_SHARE = 0.1;
const SQUEEZE_MAX_MS = 3_000;
/** In this share of the others one pauses and resumes so many times. */
const STOP_SHARE = 0.15;
const STOPS_MIN_STEPS = 3;
const STOPS_MAX_STEPS = 10;
/** In these shares of the seeds an admin moves the start, and the end to where somebody notices. */
const START_MOVES_SHARE = 0.2;
const END_MOVES_SHARE = 0.1;
/** The start moves this far back or on; the end comes so long after the start. */
const START_MOVES_MAX_MS = 10_000;
const END_MIN_MS = 10_000;
/** Of the sales with early entry so many are shuffled at their start. */
const SHUFFLE_SHARE = 0.5;
const EARLY_SHARE = 0.7;
/** Of the sales that draw places so many name a public value; an admin brings it in time or too early, … */
const PUBLIC_VALUE_SHARE = 0.4;
const VALUE_MAX_MS = 20_000;
/** … and in this share of them another one as well. */
const OTHER_VALUE_SHARE = 0.3;
export const PUBLIC_VALUE = "cafe";
/** In this share of the seeds units are counted by network too, of which shoppers share so many. */
const PER_ADDRESS_SHARE = 0.15;
/** In this share of the seeds the waiting list is where things happen: little stock, short holds … */
const LIST_SHARE = 0.15;
const LIST_MAX_UNITS = 3;
const LIST_HOLD_MIN_SECONDS = 8;
const LIST_HOLD_MAX_SECONDS = 15;
/** … and shoppers who let holds and offers go, each habit with this chance. */
const LIST_HABITS = ["asks_early", "abandons_hold", "lingers", "ignores_offer"] as const;
const LIST_HABIT_SHARE = 0.5;
/** In some sales units are limited by card, in some by postal address, and shoppers share few of both. */
const PER_MEANS_SHARE = 0.1;
/** A seed has each kind of fault with this chance: quiet seeds reach further than those with all. */
const FAULT_SHARE = 0.5;

/** In this share of the seeds the provider tells what it does by notices, too. */
const NOTICES_SHARE = 0.5;

/** What a shopper does beside joining, waiting and buying. */
export const HABITS = [
  "double_clicks",
  "two_devices",
  "replays",
  "forges",
  "steals",
  "changes_mind",
  "leaves",
  "abandons_line",
  "abandons_hold",
  "gives_up_soon",
  "cancels",
  "wants_more",
  "lingers",
  "pays_cash",
  "asks_early",
  "shuns_list",
  "leaves_list",
  "ignores_offer",
  "declines_offer",
  "wants_reminder",
] as const;

export type Habit = (typeof HABITS)[number];

export interface ShopperPlan {
  subject: string;
  /** Relative to the start of the sale. */
  arrivesAfterMs: number;
  sku: string;
  quantity: number;
  /** The payment token: what the provider will say. */
  token: "tok_ok" | "tok_decline" | "tok_declined_once" | "tok_action";
  habits: Habit[];
}

export type AdminAction =
  | { kind: "pause" | "resume" | "end" }
  | { kind: "restock"; sku: string; quantity: number }
  | { kind: "adjust"; changes: Partial<LiveControls> }
  | { kind: "revoke"; number: number }
  | { kind: "move"; changes: Pick<SaleChanges, "startsAtMs" | "endsAtMs"> }
  /** Brings the public value that the draw waits for, or another one. */
  | { kind: "randomness"; value: string }
  /** Of the orders that are known to be confirmed, one. */
  | { kind: "refund"; pick: number };

export interface AdminStep {
  atMs: number;
  action: AdminAction;
}

/** Everything that a seed decides beforehand. Shrinking takes parts of it away. */
export interface Plan {
  seed: number;
  /** How many crowds come, one after the other. */
  rounds: number;
  faults: FaultKind[];
  items: { sku: string; stock: number }[];
  /** Whether the provider tells what it does by notices, too. */
  notices: boolean;
  perShopper: number;
  /** `null`: no limit. */
  perAddress: number | null;
  perCard: number | null;
  perPostalAddress: number | null;
  holdSeconds: number;
  startsAsDraft: boolean;
  queue: QueueSettings;
  shoppers: ShopperPlan[];
  admin: AdminStep[];
}

/** How long after the start everything goes wrong. */
export function troubleMsOf({ rounds }: Plan): number {
  return TROUBLE_MS + (rounds - 1) * ROUND_MS;
}

/** Draws a sale and its troubles from a seed. */
export function planOf(seed: number): Plan {
  const dice = new Dice(seed, "plan");
  const items = Array.from({ length: dice.int(1, 2) }, (_, index) => ({
    sku: `sku-${index + 1}`,
    stock: dice.chance(0.3) ? PLENTY_UNITS : dice.int(1, SCARCE_MAX_UNITS),
  }));
  const crowd: Crowd = {
    items,
    isBurst: dice.chance(0.5),
    habitShare: dice.chance(0.3) ? WAYWARD_HABIT_SHARE : HABIT_SHARE,
    noShowShare: dice.chance(0.1) ? NO_SHOW_SHARE : 0,
  };
  const count =
    crowd.noShowShare > 0
      ? dice.int(NO_SHOWS_MIN_SHOPPERS, NO_SHOWS_MAX_SHOPPERS)
      : dice.int(3, SHOPPERS_MAX);
  const shoppers = Array.from({ length: count }, (_, index) =>
    shopperOf(dice.fork(`shopper/${index}`), index, crowd),
  );
  const drawn: Plan = {
    seed,
    rounds: 1,
    faults: faultsOf(dice),
    notices: dice.fork("notices").chance(NOTICES_SHARE),
    items,
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
      lanes: dice.int(1, 3),
      prequeueStartsAtMs: dice.chance(0.5) ? START_MS - EARLY_MAX_MS : null,
      shuffleAtStart: false,
      allowRejoin: !dice.chance(ONE_TURN_SHARE),
    },
    shoppers,
    admin: adminOf(dice, items),
  };
  const plan = shuffled(drawn, dice.fork("shuffle"));
  const led = ledBy(plan, dice);
  const named = withPublicValue(led, dice.fork("public value"));
  return listed({ ...named, admin: withMoves(named.admin, dice.fork("move")) }, dice.fork("list"));
}

/** In some sales that draw places the draw waits for a public value; who brings it comes at any time. */
function withPublicValue(plan: Plan, dice: Dice): Plan {
  if (!drawsPlaces(plan.queue) || !dice.chance(PUBLIC_VALUE_SHARE)) return plan;
  const values = dice.chance(OTHER_VALUE_SHARE) ? [PUBLIC_VALUE, "c0de"] : [PUBLIC_VALUE];
  const steps = values.map((value) => ({
    atMs: START_MS + dice.int(-EARLY_MAX_MS, VALUE_MAX_MS),
    action: { kind: "randomness" as const, value },
  }));
  return {
    ...plan,
    queue: { ...plan.queue, publicRandomness: { source: "beacon", round: "1" } },
    admin: [...plan.admin, ...steps].sort((a, b) => a.atMs - b.atMs),
  };
}

/** In some sales there is little to be had, holds come to nothing, and many wait on the list meanwhile. */
function listed(plan: Plan, dice: Dice): Plan {
  if (!dice.chance(LIST_SHARE)) return plan;
  return {
    ...plan,
    items: plan.items.map(({ sku }) => ({ sku, stock: dice.int(1, LIST_MAX_UNITS) })),
    holdSeconds: dice.int(LIST_HOLD_MIN_SECONDS, LIST_HOLD_MAX_SECONDS),
    queue: { ...plan.queue, newUsersPerMinute: 6_000, totalActiveUsers: 8 },
    shoppers: plan.shoppers.map((shopper) => {
      const habits = LIST_HABITS.filter((habit) => {
        return dice.chance(LIST_HABIT_SHARE) && !shopper.habits.includes(habit);
      });
      return { ...shopper, habits: [...shopper.habits, ...habits] };
    }),
  };
}

function faultsOf(dice: Dice): FaultKind[] {
  return FAULT_KINDS.filter((kind) =>
    (LATER_FAULT_KINDS.has(kind) ? dice.fork(`fault/${kind}`) : dice).chance(FAULT_SHARE),
  );
}

function ledBy(plan: Plan, dice: Dice): Plan {
  if (dice.chance(SQUEEZE_SHARE)) return squeezed(plan, dice);
  return dice.chance(STOP_SHARE) ? stopped(plan, dice) : plan;
}

/** Around the start an admin moves it, too late now and then; later the end. */
function withMoves(steps: AdminStep[], dice: Dice): AdminStep[] {
  const moves: AdminStep[] = [];
  if (dice.chance(START_MOVES_SHARE)) {
    const startsAtMs = START_MS + dice.int(-EARLY_MAX_MS, START_MOVES_MAX_MS);
    const atMs = START_MS + dice.int(-EARLY_MAX_MS, EARLY_MAX_MS);
    moves.push({ atMs, action: { kind: "move", changes: { startsAtMs } } });
  }
  if (dice.chance(END_MOVES_SHARE)) {
    const endsAtMs = START_MS + dice.int(END_MIN_MS, TROUBLE_MS);
    const atMs = START_MS + dice.int(0, LATE_MAX_MS);
    moves.push({ atMs, action: { kind: "move", changes: { endsAtMs } } });
  }
  return [...steps, ...moves].sort((a, b) => a.atMs - b.atMs);
}

function limitOf(dice: Dice, share: number): number | null {
  return dice.chance(share) ? dice.int(1, 4) : null;
}

function methodOf(dice: Dice): QueueSettings["queueingMethod"] {
  if (dice.chance(PASSTHROUGH_SHARE)) return "passthrough";
  return dice.chance(RANDOM_SHARE) ? "random" : "fifo";
}

/** Of the sales with early entry some are shuffled, and then most come before the start or race it. */
function shuffled(plan: Plan, dice: Dice): Plan {
  if (plan.queue.prequeueStartsAtMs === null || !dice.chance(SHUFFLE_SHARE)) return plan;
  const comesEarly = (): boolean => dice.chance(EARLY_SHARE);
  return {
    ...plan,
    queue: { ...plan.queue, shuffleAtStart: true },
    shoppers: plan.shoppers.map((shopper) =>
      comesEarly()
        ? { ...shopper, arrivesAfterMs: dice.int(-EARLY_MAX_MS, BURST_MAX_MS) }
        : shopper,
    ),
  };
}

/** There is enough for everybody, and an admin stops the sale again and again while they buy. */
function stopped(plan: Plan, dice: Dice): Plan {
  const steps = dice.int(STOPS_MIN_STEPS, STOPS_MAX_STEPS);
  const times = Array.from({ length: steps }, () => START_MS + dice.int(0, LATE_MAX_MS));
  return {
    ...plan,
    items: plan.items.map(({ sku }) => ({ sku, stock: PLENTY_UNITS })),
    queue: { ...plan.queue, newUsersPerMinute: 6_000, totalActiveUsers: 8 },
    admin: times
      .sort((a, b) => a - b)
      .map((atMs, index) => ({ atMs, action: stopOf(dice, index) })),
  };
}

/** Many are called at once, and then an admin lets in one at a time: those who ask have to wait. */
function squeezed(plan: Plan, dice: Dice): Plan {
  const wide = { ...liveSettings(dice), newUsersPerMinute: 6_000, totalActiveUsers: 8 };
  const narrow = { ...wide, totalActiveUsers: 1 };
  const atMs = START_MS + dice.int(0, SQUEEZE_MAX_MS);
  return {
    ...plan,
    items: plan.items.map(({ sku }) => ({ sku, stock: PLENTY_UNITS })),
    queue: { ...plan.queue, ...wide },
    admin: [{ atMs, action: { kind: "adjust", changes: narrow } }],
  };
}

/** Pause and resume in turn; now and then one place is taken back instead. */
function stopOf(dice: Dice, index: number): AdminAction {
  if (dice.chance(0.3)) return { kind: "revoke", number: dice.int(1, SHOPPERS_MAX) };
  return { kind: index % 2 === 0 ? "pause" : "resume" };
}

function adminOf(dice: Dice, items: Plan["items"]): AdminStep[] {
  const steps = Array.from({ length: dice.int(0, ADMIN_STEPS_MAX) }, () => ({
    atMs: START_MS + dice.int(-EARLY_MAX_MS, ADMIN_MAX_MS),
    action: actionOf(dice, items),
  }));
  return steps.sort((a, b) => a.atMs - b.atMs);
}

function switches(dice: Dice): Partial<LiveControls> {
  const control = dice.pick(["queueAll", "suspended", "draining"] as const);
  return { [control]: dice.chance(0.5), message: `${control} at ${dice.int(0, 999)}` };
}

type Admissions = Pick<
  LiveControls,
  "newUsersPerMinute" | "totalActiveUsers" | "sessionDurationSeconds" | "disableSessionRenewal"
>;

/** What shoppers of one seed have in common. */
interface Crowd {
  items: Plan["items"];
  isBurst: boolean;
  habitShare: number;
  noShowShare: number;
}

function shopperOf(dice: Dice, index: number, crowd: Crowd): ShopperPlan {
  const { items, isBurst, habitShare, noShowShare } = crowd;
  return {
    subject: `g_${index + 1}`,
    arrivesAfterMs: isBurst ? dice.int(0, BURST_MAX_MS) : dice.int(-EARLY_MAX_MS, LATE_MAX_MS),
    sku: dice.pick(items).sku,
    quantity: dice.chance(0.8) ? 1 : 2,
    token: dice.chance(0.7)
      ? "tok_ok"
      : dice.pick(["tok_decline", "tok_declined_once", "tok_action"] as const),
    habits: HABITS.filter((habit) =>
      dice.chance(habit === "abandons_line" ? Math.max(habitShare, noShowShare) : habitShare),
    ),
  };
}

/** What a sale begins with, and what an admin may change at any time. */
function liveSettings(dice: Dice): Admissions {
  return {
    newUsersPerMinute: dice.pick([12, 300, 6_000]),
    totalActiveUsers: dice.pick([1, 2, 3, 8]),
    sessionDurationSeconds: dice.int(10, 40),
    disableSessionRenewal: dice.chance(0.5),
  };
}

function actionOf(dice: Dice, items: Plan["items"]): AdminAction {
  const roll = dice.int(1, 25);
  if (roll === 1) return { kind: "end" };
  if (roll <= 6) return { kind: "pause" };
  if (roll <= 11) return { kind: "resume" };
  if (roll <= 13) return { kind: "adjust", changes: liveSettings(dice) };
  if (roll <= 15) return { kind: "adjust", changes: switches(dice) };
  if (roll <= 16) return { kind: "revoke", number: dice.int(1, REVOKED_MAX_NUMBER) };
  if (roll > 20) return { kind: "refund", pick: dice.int(0, ORDERS_MAX_PICK) };
  const { sku } = dice.pick(items);
  return { kind: "restock", sku, quantity: dice.chance(0.7) ? dice.int(1, 3) : -dice.int(1, 2) };
}
