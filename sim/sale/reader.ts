import { openOrderId } from "../../domain/order-id.ts";
import type { OrderRow } from "../../domain/purchase/ledger.ts";
import { readPage } from "../../workers/purchase/database.ts";
import { findOrder, ordersOf } from "../../workers/purchase/orders.ts";
import type { Violate } from "../invariants/item.ts";
import type { Dice } from "../kernel/dice.ts";
import { WorkerCaller } from "../platform/worker.ts";
import { START_MS, type ShopperPlan } from "../plan/plan.ts";
import type { World } from "./world.ts";

/** So many shoppers look at the list of their orders where replicas are behind, so often, after so long each time. */
const SHARE = 0.5;
const LOOKS_MIN = 4;
const LOOKS_MAX = 14;
const PAUSE_MIN_US = 200_000;
const PAUSE_MAX_US = 6_000_000;
/** Of the looks so many are at one order. */
const ONE_ORDER_SHARE = 0.3;
const PAGE_ROWS = 100;

/**
 * A shopper who looks at the list of their orders, which may come from a replica, and brings what bookmark the last
 * answer gave: nobody sees less than they saw.
 */
export class Reader {
  readonly #world: World;
  readonly #violate: Violate;
  readonly #dice: Dice;
  readonly #plan: ShopperPlan;
  readonly #seen = new Map<string, number>();
  #bookmark: string | null = null;

  constructor(world: World, plan: ShopperPlan, violate: Violate) {
    this.#world = world;
    this.#plan = plan;
    this.#violate = violate;
    this.#dice = world.kernel.dice.fork(`reader/${plan.subject}`);
  }

  /** Looks, if this shopper is one who does. */
  async read(): Promise<void> {
    const { scheduler, faults } = this.#world.kernel;
    if (!faults.has("replica.behind") || !this.#dice.chance(SHARE)) return;
    await scheduler.sleep((START_MS + this.#plan.arrivesAfterMs) * 1000 - scheduler.nowUs);
    for (let looks = this.#dice.int(LOOKS_MIN, LOOKS_MAX); looks > 0; looks--) {
      await scheduler.sleep(this.#dice.int(PAUSE_MIN_US, PAUSE_MAX_US));
      const [orderId] = this.#seen.keys();
      const isOne = orderId !== undefined && this.#dice.chance(ONE_ORDER_SHARE);
      try {
        await (isOne ? this.#one(orderId) : this.#list());
      } catch {
        // The database did not answer; the next look is another one.
      }
    }
  }

  async #list(): Promise<void> {
    const page = await readPage(this.#env(), this.#bookmark, (env) =>
      ordersOf(env, this.#plan.subject, null, PAGE_ROWS),
    );
    this.#bookmark = page.bookmark ?? this.#bookmark;
    const versions = new Map(page.rows.map(({ orderId, version }) => [orderId, version]));
    for (const [orderId, version] of this.#seen)
      if ((versions.get(orderId) ?? 0) < version)
        this.#violate("read.no_less", `${orderId} was seen as version ${version}`);
    for (const row of page.rows) this.#saw(row);
  }

  /** One that the projection answers for comes with a bookmark; the writer is ahead of every list. */
  async #one(orderId: string): Promise<void> {
    const sku = openOrderId(this.#world.keyring, orderId);
    const order =
      sku === null ? null : await findOrder(this.#env(), sku, orderId, this.#plan.subject);
    if (!order) return this.#violate("read.no_less", `${orderId} was seen, and is not there`);
    if (typeof order.bookmark !== "string") return;
    this.#bookmark = order.bookmark;
    this.#saw(order);
  }

  #saw({ orderId, version }: OrderRow): void {
    this.#seen.set(orderId, Math.max(this.#seen.get(orderId) ?? 0, version));
  }

  #env(): PurchaseEnv {
    return this.#world.purchaseEnv(new WorkerCaller(this.#world.kernel, "reader"));
  }
}
