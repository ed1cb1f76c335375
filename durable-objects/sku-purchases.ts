import { shopperActor, type Doer } from "../domain/books/actor.ts";
import { refuse, type Refusal } from "../domain/problem.ts";
import type { Hold, HoldChange } from "../domain/purchase/hold.ts";
import type { ShopperUnits } from "../domain/purchase/shopper-units.ts";
import { countedAddress, reserve, type ReserveCommand } from "../domain/purchase/stock.ts";
import type { Together } from "./group-commit.ts";
import type { SkuRefusals } from "./sku-refusals.ts";
import { unitsIn, type SkuStore, type UnitsRow } from "./sku-store.ts";

/** The immutable answer to a purchase; a repeat renders the same bytes. */
export interface ReserveAnswer {
  ok: true;
  orderId: string;
  expiresAtMs: number;
  amount: number;
  currency: string;
}

/** The purchases of an item. What is decided together is read by one look and written by one row of counters. */
export class SkuPurchases implements Together<ReserveCommand, ReserveAnswer | Refusal> {
  readonly takesBack = true;
  readonly #store: SkuStore;
  readonly #refusals: SkuRefusals;

  constructor(store: SkuStore, refusals: SkuRefusals) {
    this.#store = store;
    this.#refusals = refusals;
  }

  /** Decides purchases in this order, each as if those before it were written. When it throws, nothing is written. */
  applyAll(commands: readonly ReserveCommand[], nowMs: number): (ReserveAnswer | Refusal)[] {
    this.#store.finder.settle();
    const item = this.#store.item();
    if (!item) return commands.map(() => refuse("not_found"));
    const known = new Known(this.#store, commands);
    const taken: { change: HoldChange; by: Doer }[] = [];
    const answers = commands.map((command) => {
      const { shopper, idempotencyKey, from } = command;
      const earlier = known.hold(shopper, idempotencyKey);
      const units = known.unitsOf(shopper);
      const ofAddress = known.unitsOfAddress(countedAddress(item, command));
      const decision = reserve(item, earlier, units, command, nowMs, ofAddress);
      if (!decision.ok) return decision;
      if (decision.repeat) return answerOf(decision.hold);
      const { change } = decision;
      taken.push({ change, by: { ...from, actor: shopperActor(shopper) } });
      item.level = change.level;
      known.take(change.hold);
      return answerOf(change.hold);
    });
    this.#store.writePurchases(item, taken, nowMs);
    for (const answer of answers) {
      if (answer.ok) continue;
      this.#refusals.count(answer.code);
      this.#refusals.countPurchase(answer.code);
    }
    return answers;
  }
}

/** What purchases are judged by, as it is stored and as those before them in the batch have left it. */
class Known {
  readonly #store: SkuStore;
  readonly #rows: Map<string, UnitsRow[]>;
  readonly #taken = new Map<string, Hold[]>();
  readonly #ofShopper = new Map<string, ShopperUnits>();
  readonly #ofAddress = new Map<string | null, ShopperUnits>();

  constructor(store: SkuStore, commands: readonly ReserveCommand[]) {
    this.#store = store;
    const rows = store.unitsOfAll([...new Set(commands.map(({ shopper }) => shopper))]);
    this.#rows = Map.groupBy(rows, (row) => row.of);
  }

  /** The hold that an earlier purchase with this key led to. */
  hold(shopper: string, idempotencyKey: string): Hold | null {
    const taken = this.#taken.get(shopper)?.find((hold) => hold.idempotencyKey === idempotencyKey);
    if (taken || !this.#rows.has(shopper)) return taken ?? null;
    return this.#store.holdByKey(shopper, idempotencyKey);
  }

  unitsOf(shopper: string): ShopperUnits {
    let units = this.#ofShopper.get(shopper);
    if (!units) this.#ofShopper.set(shopper, (units = unitsIn(this.#rows.get(shopper) ?? [])));
    return units;
  }

  unitsOfAddress(address: string | null): ShopperUnits {
    let units = this.#ofAddress.get(address);
    if (!units) this.#ofAddress.set(address, (units = this.#store.unitsOfAddress(address)));
    return units;
  }

  /** Counts what is about to be written. */
  take(hold: Hold): void {
    const { shopper, address = null, quantity } = hold;
    const taken = this.#taken.get(shopper);
    if (taken) taken.push(hold);
    else this.#taken.set(shopper, [hold]);
    const { held, bought } = this.unitsOf(shopper);
    this.#ofShopper.set(shopper, { held: held + quantity, bought });
    const ofAddress = this.unitsOfAddress(address);
    if (address !== null)
      this.#ofAddress.set(address, { ...ofAddress, held: ofAddress.held + quantity });
  }
}

function answerOf({ orderId, expiresAtMs, total }: Hold): ReserveAnswer {
  return { ok: true, orderId, expiresAtMs, ...total };
}
