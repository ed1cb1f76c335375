import type { Plan, ShopperPlan } from "../plan/plan.ts";
import type { SeedResult } from "./seed.ts";

/** A plan is tried smaller at most this often: some seconds, and few plans need as many. */
export const SHRINK_ATTEMPTS_MAX = 300;

/** Plays a plan; `null` when it was interrupted. */
export type Play = (plan: Plan) => Promise<SeedResult | null>;

/** What is left of a plan. */
export interface Shrunk {
  plan: Plan;
  attempts: number;
}

/** Hears how far shrinking is: attempts until now, and the smallest plan that was found. */
export type OnAttempt = (attempts: number, plan: Plan) => void;

/** Parts of a plan that can be left out one by one. */
type ListKey = "faults" | "shoppers" | "admin" | "staff" | "keys";

/**
 * Looks for a smaller plan that breaks the same invariant first: takes parts away and keeps what still
 * breaks it, until nothing more can go. The result depends on the plan alone.
 */
export function shrink(
  plan: Plan,
  invariant: string,
  play: Play,
  onAttempt: OnAttempt = () => {},
): Promise<Shrunk> {
  return new Shrinking(plan, invariant, play, onAttempt).run();
}

/** Takes away only faults: those are left that the plan does not break the invariant without. */
export function shrinkFaults(plan: Plan, invariant: string, play: Play): Promise<Shrunk> {
  return new Shrinking(plan, invariant, play, () => {}).runFaults();
}

class Shrinking {
  #best: Plan;
  #attempts = 0;
  #isInterrupted = false;
  readonly #invariant: string;
  readonly #play: Play;
  readonly #onAttempt: OnAttempt;

  constructor(plan: Plan, invariant: string, play: Play, onAttempt: OnAttempt) {
    this.#best = plan;
    this.#invariant = invariant;
    this.#play = play;
    this.#onAttempt = onAttempt;
  }

  async run(): Promise<Shrunk> {
    let before: Plan;
    do {
      before = this.#best;
      await this.#leaveOut("shoppers");
      await this.#leaveOut("faults");
      await this.#leaveOut("admin");
      await this.#leaveOut("keys");
      await this.#leaveOut("staff");
      await this.#simplify();
    } while (this.#best !== before && this.#mayTry());
    return { plan: this.#best, attempts: this.#attempts };
  }

  async runFaults(): Promise<Shrunk> {
    await this.#leaveOut("faults");
    return { plan: this.#best, attempts: this.#attempts };
  }

  /** Leaves out runs of a list's entries: all of them, then half as many at a time, then each. */
  async #leaveOut(key: ListKey): Promise<void> {
    for (let size = this.#best[key].length; size >= 1; size = Math.floor(size / 2))
      for (let at = 0; at < this.#best[key].length;) {
        const rest = (this.#best[key] as unknown[]).toSpliced(at, size);
        if (!(await this.#try({ ...this.#best, [key]: rest }))) at += size;
      }
  }

  /** Tries every simpler variant once; each starts from the best so far. */
  async #simplify(): Promise<void> {
    for (const simpler of simplifications(this.#best)) {
      const variant = simpler(this.#best);
      if (JSON.stringify(variant) !== JSON.stringify(this.#best)) await this.#try(variant);
    }
  }

  #mayTry(): boolean {
    return !this.#isInterrupted && this.#attempts < SHRINK_ATTEMPTS_MAX;
  }

  async #try(plan: Plan): Promise<boolean> {
    if (!this.#mayTry()) return false;
    this.#attempts += 1;
    const result = await this.#play(plan);
    if (!result) this.#isInterrupted = true;
    const isSame = result?.violations[0]?.invariant === this.#invariant;
    if (isSame) this.#best = plan;
    this.#onAttempt(this.#attempts, this.#best);
    return isSame;
  }
}

type Simplify = (plan: Plan) => Plan;

/** Ways to make a plan simpler, the larger steps first. */
function simplifications({ items, shoppers }: Plan): Simplify[] {
  return [
    ...items.map(({ sku }) => withoutItem(sku)),
    ...items.flatMap(({ sku }) => [
      withStock(sku, () => 1),
      withStock(sku, half),
      withStock(sku, less),
    ]),
    (plan) => ({ ...plan, deploy: null }),
    (plan) => ({ ...plan, deploy: plan.deploy && { ...plan.deploy, rollback: null } }),
    (plan) => ({ ...plan, deploy: plan.deploy && { ...plan.deploy, leftoversAtMs: [] } }),
    (plan) => ({ ...plan, startsAsDraft: false }),
    (plan) => ({ ...plan, edges: 1 }),
    (plan) => ({ ...plan, intakes: 0 }),
    (plan) => ({ ...plan, watchShare: 0 }),
    (plan) => ({ ...plan, queue: { ...plan.queue, lanes: 1 } }),
    (plan) => ({ ...plan, queue: { ...plan.queue, reorderWindowMs: 0 } }),
    (plan) => ({ ...plan, queue: { ...plan.queue, shuffleAtStart: false } }),
    (plan) => ({
      ...plan,
      queue: { ...plan.queue, prequeueStartsAtMs: null, shuffleAtStart: false },
    }),
    (plan) => ({ ...plan, perShopper: 1 }),
    ...shoppers.flatMap(({ subject, habits }) => [
      withShopper(subject, (shopper) => ({ ...shopper, habits: [] })),
      ...habits.map((habit) =>
        withShopper(subject, (shopper) => ({
          ...shopper,
          habits: shopper.habits.filter((other) => other !== habit),
        })),
      ),
      withShopper(subject, (shopper) => ({ ...shopper, quantity: 1 })),
      withShopper(subject, (shopper) => ({ ...shopper, token: "tok_ok" })),
    ]),
  ];
}

/** An item goes with everyone who wants it; the last one stays. */
function withoutItem(sku: string): Simplify {
  return (plan) => {
    if (plan.items.length === 1) return plan;
    return {
      ...plan,
      items: plan.items.filter((item) => item.sku !== sku),
      shoppers: plan.shoppers.filter((shopper) => shopper.sku !== sku),
      admin: plan.admin.filter(({ action }) => !("sku" in action) || action.sku !== sku),
      staff: plan.staff.filter((step) => step.sku !== sku),
    };
  };
}

function withStock(sku: string, change: (stock: number) => number): Simplify {
  return (plan) => ({
    ...plan,
    items: plan.items.map((item) =>
      item.sku === sku ? { ...item, stock: change(item.stock) } : item,
    ),
  });
}

function half(stock: number): number {
  return Math.max(1, Math.floor(stock / 2));
}

function less(stock: number): number {
  return Math.max(1, stock - 1);
}

function withShopper(subject: string, change: (shopper: ShopperPlan) => ShopperPlan): Simplify {
  return (plan) => ({
    ...plan,
    shoppers: plan.shoppers.map((shopper) =>
      shopper.subject === subject ? change(shopper) : shopper,
    ),
  });
}
