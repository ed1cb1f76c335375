import { refuse } from "../../../domain/problem.ts";
import { runInDurableObject } from "cloudflare:test";
import { decodePage } from "../../../domain/purchase/ledger-page.ts";
import type { LedgerPage } from "../../../domain/purchase/ledger.ts";
import type { SaleControl } from "../../../domain/purchase/sale.ts";
import { cancel, reserve } from "../../../domain/purchase/stock.ts";
import { SkuOutbox, type SkuReport } from "../../../durable-objects/sku-outbox.ts";
import { SkuStore } from "../../../durable-objects/sku-store.ts";
import { ManualRuntime, settle } from "./manual-runtime.ts";
import { bindings, termsOf, uniqueName } from "./objects.ts";
import { control, reservation } from "./samples.ts";

const BY = { actor: "shopper:of-the-bench" };

/** An outbox over a real ledger whose time, queue and sequencer a test holds in its hands. */
export class OutboxBench {
  readonly runtime = new ManualRuntime();
  readonly pages: LedgerPage[] = [];
  readonly reports: SkuReport[] = [];
  readonly heard: SaleControl[] = [];
  readonly failures: string[] = [];
  /** What the sequencer answers; `null`: that it is busy. */
  control: SaleControl | null = control();
  /** Replaced by a test that lets sending fail or wait. */
  sending: () => Promise<void> = () => Promise.resolve();
  reporting: () => Promise<void> = () => Promise.resolve();
  readonly store: SkuStore;
  outbox: SkuOutbox;
  readonly #storage: DurableObjectStorage;
  #shoppers = 0;

  constructor(storage: DurableObjectStorage) {
    this.store = new SkuStore(storage);
    this.store.create(termsOf("phone"), control(), 10_000, this.runtime.now());
    this.#storage = storage;
    this.outbox = this.#newOutbox();
  }

  /** The object is lost with its memory and wakes anew. */
  restart(): void {
    this.outbox = this.#newOutbox();
  }

  #newOutbox(): SkuOutbox {
    return new SkuOutbox(this.store, this.runtime, {
      sendPage: async (page) => {
        await this.sending();
        this.pages.push(page);
      },
      sendText: async (text) => {
        await this.sending();
        this.pages.push(decodePage(text));
      },
      report: async (report) => {
        await this.reporting();
        this.reports.push(report);
        return this.control ? { ok: true, control: this.control } : refuse("busy");
      },
      commit: (write) => {
        this.#storage.transactionSync(write);
      },
      hearControl: (heard) => {
        this.heard.push(heard);
        this.store.writeControl(heard);
      },
      failed: (event) => {
        this.failures.push(event);
      },
    });
  }

  /** Holds a unit for each of `count` new shoppers, numbers 1, 2, 3 …, and wakes the outbox. */
  reserve(count: number, type: "reserved" | "offered" = "reserved"): void {
    for (let times = 0; times < count; times++) {
      const item = this.store.item();
      if (!item) throw new Error("The item has been created above.");
      this.#shoppers += 1;
      const command = reservation(`shopper-${this.#shoppers}`, { number: this.#shoppers });
      const nowMs = this.runtime.now();
      const decision = reserve(item, null, { held: 0, bought: 0 }, command, nowMs);
      if (!decision.ok || decision.repeat) throw new Error("The shopper is new.");
      this.store.writeChange(item.saleId, { ...decision.change, type }, BY, nowMs);
    }
    this.outbox.wake();
  }

  /** The newest shopper cancels: a change of the ledger that gives no place back. */
  cancelNewest(): void {
    const item = this.store.item();
    const hold = this.store.hold(reservation(`shopper-${this.#shoppers}`).orderId);
    if (!item || !hold) throw new Error("The newest shopper has a hold.");
    const decision = cancel(hold, item.level, this.runtime.now());
    if (!decision.ok || decision.repeat) throw new Error("The hold is reserved.");
    this.store.writeChange(item.saleId, decision.change, BY, this.runtime.now());
    this.outbox.wake();
  }

  /** The sequences of each page sent so far, as `[first, last]`. */
  sent(): [number, number][] {
    return this.pages.map(({ fromSequence, events }) => [
      fromSequence,
      events.at(-1)?.sequence ?? 0,
    ]);
  }

  /** How far consumer and sequencer have acknowledged the ledger. */
  marks(): { projected: number; reported: number } {
    const item = this.store.item();
    return { projected: item?.projectedThrough ?? -1, reported: item?.reportedThrough ?? -1 };
  }
}

/** Runs a test inside an object, over its storage. */
export function withOutbox(run: (bench: OutboxBench) => Promise<void>): Promise<void> {
  const object = bindings.SKU.getByName(uniqueName("outbox"));
  return runInDurableObject(object, async (_, state) => {
    const bench = new OutboxBench(state.storage);
    await run(bench);
    await settle();
  });
}
