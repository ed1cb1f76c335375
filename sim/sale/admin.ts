import type { Product } from "../../domain/catalogue.ts";
import type { Refusal } from "../../domain/problem.ts";
import type { LiveControls } from "../../domain/queue/settings.ts";
import type { SaleCommand } from "../../domain/purchase/sale.ts";
import type { SaleChanges } from "../../domain/purchase/sale-changes.ts";
import { createProduct } from "../../workers/purchase/catalogue.ts";
import { ordersForAttention } from "../../workers/purchase/orders.ts";
import { changeSale, commandSale, createSale, revokePlace } from "../../workers/purchase/sales.ts";
import { holdsOf } from "../invariants/settled.ts";
import type { Dice } from "../kernel/dice.ts";
import { WorkerCaller } from "../platform/worker.ts";
import { PRICE, PUBLIC_VALUE, START_MS, type AdminAction, type Plan } from "../plan/plan.ts";
import { insist } from "./insist.ts";
import type { Witness } from "./witness.ts";
import { SALE_ID, type World } from "./world.ts";

/** A sale lasts this long unless an admin ends it: longer than any simulation. */
const SALE_MS = 24 * 3_600_000;
/** How often an admin looks at what needs attention once the trouble is over. */
const ATTENTION_LOOK_US = 5_000_000;
const PAGE_ROWS = 100;

export const PRODUCT: Product = {
  productId: "phone",
  name: "Phone",
  description: "",
  price: PRICE,
  images: [],
};
const { productId } = PRODUCT;

/** Where the provider tells what it does, so many refunds are made at its own pages. */
const BY_HAND_SHARE = 0.5;

const BY = { actor: "staff:admin", reason: "simulated" };

/** Whoever runs the sale, through the purchase Worker: creates it, and acts at the plan's times. */
export class Admin {
  readonly #world: World;
  readonly #witness: Witness;
  readonly #env: PurchaseEnv;
  readonly #dice: Dice;
  readonly #handDice: Dice;
  isDone = false;

  constructor(world: World, witness: Witness) {
    this.#world = world;
    this.#witness = witness;
    this.#env = world.purchaseEnv(new WorkerCaller(world.kernel, "admin"));
    this.#dice = world.kernel.dice.fork("admin");
    this.#handDice = world.kernel.dice.fork("by hand");
  }

  /** Creates the sale everywhere, as often as it takes; then acts by the plan. */
  async work(): Promise<void> {
    const { plan, kernel } = this.#world;
    await this.#create(plan);
    if (plan.startsAsDraft) await this.#command("start");
    for (const { atMs, action } of plan.admin) {
      await kernel.scheduler.sleep(atMs * 1000 - kernel.scheduler.nowUs);
      await this.#act(action);
    }
    this.isDone = true;
  }

  /** Lets a sale that stands still go on, and sees to its payments until everything has settled. */
  async resume(isSettled: () => boolean): Promise<void> {
    await this.#command("resume");
    // Whoever came too early comes again.
    if (this.#world.plan.queue.publicRandomness) await this.#bring(PUBLIC_VALUE);
    await this.#adjust({ queueAll: false, suspended: false, draining: false });
    while (!isSettled()) {
      await this.#attend();
      await this.#world.kernel.scheduler.sleep(ATTENTION_LOOK_US);
    }
  }

  async #create(plan: Plan): Promise<void> {
    const { items, intakes, queue, perShopper, holdSeconds, startsAsDraft: draft } = plan;
    const { perAddress, perCard, perPostalAddress } = plan;
    await this.#insist(() => createProduct(this.#env, PRODUCT, BY));
    const sale = {
      saleId: SALE_ID,
      name: "Drop",
      draft,
      startsAtMs: START_MS,
      endsAtMs: START_MS + SALE_MS,
      allowGuests: true,
      perShopper,
      ...(perAddress === null ? {} : { perAddress }),
      ...(perCard === null ? {} : { perCard }),
      ...(perPostalAddress === null ? {} : { perPostalAddress }),
      holdSeconds,
      queue,
      items: items.map(({ sku, stock }) => ({
        sku,
        stock,
        productId,
        salePrice: PRODUCT.price,
        intakes,
      })),
    };
    const created = await this.#insist(() => createSale(this.#env, sale, BY));
    if (created.ok) this.#witness.times = created.sale.control;
  }

  async #act(action: AdminAction): Promise<void> {
    if (action.kind === "restock") return this.#restock(action.sku, action.quantity);
    if (action.kind === "adjust") return this.#adjust(action.changes);
    if (action.kind === "revoke") return this.#revoke(action.number);
    if (action.kind === "move") return this.#move(action.changes);
    if (action.kind === "randomness") return this.#bring(action.value);
    if (action.kind === "refund") return this.#refund(action.pick);
    return this.#command(action.kind);
  }

  /**
   * From the answer to a command that stops the sale until the next one is sent, nobody may buy; nor
   * outside the times that were told.
   */
  #command(command: SaleCommand): Promise<void> {
    return this.#witness.commanding(command, () =>
      this.#insist(() => commandSale(this.#env, SALE_ID, command, BY)),
    );
  }

  async #move(changes: SaleChanges): Promise<void> {
    await this.#witness.commanding("change", async () => {
      const answer = await this.#insist(() => changeSale(this.#env, SALE_ID, changes, BY));
      this.#witness.covered.add(`sale.${answer.ok ? "moved" : `unmoved.${answer.code}`}`);
      return answer;
    });
  }

  async #adjust(changes: Partial<LiveControls>): Promise<void> {
    await this.#insist(() => this.#env.QUEUE_SEQUENCER.getByName(SALE_ID).adjust(changes, BY));
  }

  /** Brings a public value, twice; once one is taken the same one is taken again, and no other. */
  async #bring(value: string): Promise<void> {
    const sequencers = this.#env.QUEUE_SEQUENCER;
    for (let clicks = 0; clicks < 2; clicks++) {
      const known = this.#witness.publicValue;
      const answer = await this.#insist(() =>
        sequencers.getByName(SALE_ID).bringRandomness(value, BY),
      );
      this.#witness.covered.add(`value.${answer.ok ? "taken" : answer.code}`);
      if (known !== null && answer.ok !== (known === value))
        this.#witness.violate("told.value", `${known} was taken; of ${value} ${answer.ok} is told`);
      if (answer.ok) this.#witness.publicValue = value;
    }
  }

  /** From the answer on, nobody buys by that number. */
  async #revoke(number: number): Promise<void> {
    const answer = await this.#insist(() => revokePlace(this.#env, SALE_ID, number, BY));
    if (answer.ok) this.#witness.revoked.add(number);
  }

  async #restock(sku: string, quantity: number): Promise<void> {
    const commandId = `restock-${this.#dice.int(0, 2 ** 31)}`;
    const answer = await this.#insist(() =>
      this.#env.SKU.getByName(sku).restock(quantity, "simulated", commandId),
    );
    if (answer.ok) this.#witness.restocked(sku, commandId, quantity);
  }

  /** Refunds an order that somebody was told is confirmed: at the provider, or here; twice, since admins click twice, too. */
  async #refund(pick: number): Promise<void> {
    await this.#attend();
    const confirmed = [...this.#witness.orders.values()].filter(
      ({ status }) => status === "CONFIRMED",
    );
    const order = confirmed[pick % confirmed.length];
    if (!order) return;
    const { sku, orderId } = order;
    if (this.#world.plan.notices && this.#handDice.chance(BY_HAND_SHARE)) {
      const hold = holdsOf(this.#world, sku).find((hold) => hold.orderId === orderId);
      this.#world.calls.note(sku, "givenBack", orderId);
      const isBack = this.#world.provider.giveBack(`${orderId}:${hold?.payment?.attempt}`);
      if (isBack) this.#witness.covered.add("refund.by_hand");
      return;
    }
    for (let clicks = 0; clicks < 2; clicks++) {
      const answer = await this.#insist(() => this.#env.SKU.getByName(sku).refund(orderId, BY));
      if (answer.ok) this.#witness.refunds.add(orderId);
      else if (this.#witness.refunds.has(orderId))
        this.#witness.violate("refund.repeated", `${orderId} again: ${answer.detail}`);
    }
  }

  /**
   * Whatever needs a person: a doubt is looked at; of the rest half is tried again, and half put right at
   * the provider by hand.
   */
  async #attend(): Promise<void> {
    const page = await this.#read(() => ordersForAttention(this.#env, SALE_ID, null, PAGE_ROWS));
    for (const { sku, orderId, amount, paymentAttempts, paymentState } of page?.rows ?? []) {
      // A fresh stub for every try: one whose call failed may stay broken.
      const item = () => this.#env.SKU.getByName(sku);
      const hold = holdsOf(this.#world, sku).find((hold) => hold.orderId === orderId);
      if (hold?.suspicion) {
        await this.#insist(() => item().resolvePayment(orderId, BY));
        continue;
      }
      if (hold?.payment?.nextAttemptAtMs !== null) continue;
      if (this.#dice.chance(0.5)) {
        await this.#insist(() => item().retryPayment(orderId, BY));
        continue;
      }
      const key = `${orderId}:${paymentAttempts}`;
      this.#world.calls.note(sku, "givenBack", orderId);
      this.#world.provider.putRight(key, paymentState === "authorised", amount);
      await this.#insist(() => item().resolvePayment(orderId, BY));
    }
  }

  async #read<Value>(call: () => Promise<Value>): Promise<Value | null> {
    try {
      return await call();
    } catch {
      return null;
    }
  }

  #insist<Done extends { ok: true }>(
    call: () => PromiseLike<Done | Refusal>,
  ): Promise<Done | Refusal> {
    return insist(this.#world.kernel.scheduler, this.#dice, () => this.#try(call));
  }

  async #try<Answer>(call: () => PromiseLike<Answer>): Promise<Answer | null> {
    this.#witness.operations += 1;
    try {
      return await call();
    } catch {
      return null;
    }
  }
}
