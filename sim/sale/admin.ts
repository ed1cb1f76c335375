import type { Refusal } from "../../domain/problem.ts";
import type { SaleCommand, SaleControl } from "../../domain/purchase/sale.ts";
import type { Dice } from "../kernel/dice.ts";
import { WorkerCaller } from "../platform/worker.ts";
import { START_MS, type AdminAction, type Plan } from "./plan.ts";
import type { Witness } from "./witness.ts";
import { SALE_ID, type World } from "./world.ts";

/** A sale lasts this long unless an admin ends it: longer than any simulation. */
const SALE_MS = 24 * 3_600_000;
/** An admin repeats what failed until it is answered; this often at most. */
const TRIES_MAX = 500;
const RETRY_MAX_US = 2_000_000;

type Answer = { ok: true } | Refusal;

/** Whoever runs the sale: creates it, and does what the plan says at its times. */
export class Admin {
  readonly #world: World;
  readonly #witness: Witness;
  readonly #caller: WorkerCaller;
  readonly #dice: Dice;
  isDone = false;

  constructor(world: World, witness: Witness) {
    this.#world = world;
    this.#witness = witness;
    this.#caller = new WorkerCaller(world.kernel, "admin");
    this.#dice = world.kernel.dice.fork("admin");
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

  /** Lets a paused sale go on, so that everything can settle. */
  resume(): Promise<void> {
    return this.#command("resume");
  }

  async #create(plan: Plan): Promise<void> {
    const { items, queue, perShopper, holdSeconds } = plan;
    const control: SaleControl = {
      mode: plan.startsAsDraft ? "draft" : "open",
      startsAtMs: START_MS,
      endsAtMs: START_MS + SALE_MS,
      version: 1,
    };
    const levels = items.map(({ sku, stock }) => level(sku, stock));
    const definition = { saleId: SALE_ID, queue };
    await this.#insist(() =>
      this.#world.sequencers(this.#caller).getByName(SALE_ID).create(definition, control, levels),
    );
    for (const { sku, stock } of items) {
      const price = { amount: 49_900, currency: "EUR" };
      const terms = { saleId: SALE_ID, sku, price, perShopper, holdSeconds };
      await this.#insist(() =>
        this.#world.skus(this.#caller).getByName(sku).create(terms, control, stock),
      );
    }
  }

  async #act(action: AdminAction): Promise<void> {
    if (action.kind === "restock") return this.#restock(action.sku, action.quantity);
    return this.#command(action.kind);
  }

  async #command(command: SaleCommand): Promise<void> {
    const answer = await this.#insist(() =>
      this.#world.sequencers(this.#caller).getByName(SALE_ID).command(command),
    );
    if (!("control" in answer)) return;
    const { control } = answer as { control: SaleControl };
    // A push that is lost is made up for by the item's next report.
    for (const { sku } of this.#world.plan.items)
      await this.#try(() => this.#world.skus(this.#caller).getByName(sku).applyControl(control));
  }

  async #restock(sku: string, quantity: number): Promise<void> {
    const commandId = `restock-${this.#dice.int(0, 2 ** 31)}`;
    const answer = await this.#insist(() =>
      this.#world.skus(this.#caller).getByName(sku).restock(quantity, "simulated", commandId),
    );
    if (answer.ok) this.#witness.restocked(sku, commandId, quantity);
  }

  async #insist(call: () => PromiseLike<Answer>): Promise<Answer> {
    let answer: Answer | null = null;
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      answer = await this.#try(call);
      if (answer && (answer.ok || answer.code !== "busy")) return answer;
      await this.#world.kernel.scheduler.sleep(this.#dice.int(0, RETRY_MAX_US));
    }
    throw new Error("An admin's command was never answered.");
  }

  async #try(call: () => PromiseLike<Answer>): Promise<Answer | null> {
    this.#witness.operations += 1;
    try {
      return await call();
    } catch {
      return null;
    }
  }
}

function level(sku: string, stock: number) {
  return { sku, stock, available: stock, held: 0, sold: 0 };
}
