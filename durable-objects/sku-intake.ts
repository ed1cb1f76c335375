import { DurableObject } from "cloudflare:workers";
import { refuse, type Refusal } from "../domain/problem.ts";
import { intakeDelayMs, skuOfIntake } from "../domain/purchase/intake.ts";
import type { ReserveCommand } from "../domain/purchase/stock.ts";
import { Batcher } from "./batcher.ts";
import { Calls } from "./calls.ts";
import { systemRuntime, type Runtime } from "./runtime.ts";
import type { ReserveAnswer } from "./sku.ts";

/** Purchases of one call: what the item decides in one transaction. */
const BATCH_MAX_COMMANDS = 500;
/** Calls that wait for the item's answer at once. One that is slow gets few large ones, not many small ones. */
const BATCHES_MAX_IN_FLIGHT = 4;
/** Purchases that wait at once; more means that the item cannot keep up: 503 `busy`. */
const WAITING_MAX_COMMANDS = 5_000;

/** The bindings that the object uses. */
export interface IntakeEnv {
  SKU: Pick<PurchaseEnv["SKU"], "getByName">;
}

/**
 * One of the intakes in front of an item that more people buy than one object can be called by: it brings
 * the purchases that come to it together to the item, in one call. It decides and keeps nothing: a repeat
 * goes to the item as everything else does, and what becomes of the call becomes of everybody in it.
 */
export class SkuIntake extends DurableObject<IntakeEnv> {
  readonly #batcher: Batcher<ReserveCommand, ReserveAnswer | Refusal>;
  readonly #calls = new Calls();
  #intakes = 1;

  /** @param delayMs how long a purchase waits for company, by the number of intakes. */
  constructor(
    ctx: DurableObjectState,
    env: IntakeEnv,
    runtime: Runtime = systemRuntime,
    delayMs = intakeDelayMs,
  ) {
    super(ctx, env);
    const sku = skuOfIntake(ctx.id.name ?? "");
    this.#batcher = new Batcher({
      runtime,
      delayMs: () => delayMs(this.#intakes),
      batchMax: BATCH_MAX_COMMANDS,
      waitingMax: WAITING_MAX_COMMANDS,
      inFlightMax: BATCHES_MAX_IN_FLIGHT,
      apply: (commands) => {
        this.#calls.count("intake.batch");
        return this.env.SKU.getByName(sku).reserveMany(commands);
      },
    });
  }

  /** Has the item reserve units for a shopper, and answers what the item does; an item has so many intakes. */
  async reserve(command: ReserveCommand, intakes: number): Promise<ReserveAnswer | Refusal> {
    this.#calls.count("shopper.reserve");
    this.#intakes = intakes;
    return this.#batcher.run(command) ?? refuse("busy", { retryAfterSeconds: 1 });
  }

  /** What it served since it woke, and what it asked of the item, for admins. */
  stats(): Record<string, number> {
    return this.#calls.snapshot();
  }
}
