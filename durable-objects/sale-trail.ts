import { CLOCK, type Actor } from "../domain/books/actor.ts";
import { saleChain, type ChainHead, type ChainPage } from "../domain/books/chain.ts";
import type { SaleTrailType } from "../domain/books/trail.ts";
import { turnsDue } from "../domain/books/turns.ts";
import type { SaleLog } from "./sale-log.ts";
import type { SequencerStore } from "./sequencer-store.ts";
import { TrailOutbox, type TrailOutboxPorts } from "./trail-outbox.ts";
import { TrailStore } from "./trail-store.ts";

interface AuditRow extends Record<string, SqlStorageValue> {
  at_ms: number;
  actor: string;
  reason: string | null;
  action: string;
}

/**
 * The chain of a sale: that it was created, what people did to it, and that it started and ended, each in
 * the transaction of what it tells. Its turns are told to the public log as well. What writes runs inside the caller's.
 */
export class SaleTrail {
  readonly #store: SequencerStore;
  readonly #log: SaleLog;
  readonly #trail: TrailStore;
  readonly #outbox: TrailOutbox;

  constructor(store: SequencerStore, ports: Omit<TrailOutboxPorts, "chain"> & { log: SaleLog }) {
    const { storage, log } = ports;
    this.#store = store;
    this.#log = log;
    this.#trail = new TrailStore(storage);
    const chain = (): string | null => this.head()?.chain ?? null;
    this.#outbox = new TrailOutbox(this.#trail, { ...ports, chain });
    storage.transactionSync(() => this.#adopt(storage.sql));
  }

  write(type: SaleTrailType, detail: object, by: Actor, nowMs: number): void {
    this.#trail.write(type, detail, by, nowMs);
  }

  /**
   * Writes that the sale started or ended, as soon as that is so: to be called on every event, and once more
   * with who changed the control, if a person did.
   */
  turn(nowMs: number, by: Actor = CLOCK): void {
    const record = this.#store.read();
    if (!record) return;
    const { control, turns } = record;
    const { startsAtMs, endsAtMs } = control;
    for (const turn of turnsDue(control, turns, nowMs)) {
      const levels = this.#store.levels();
      const stock = Object.fromEntries(levels.map(({ sku, stock }) => [sku, stock]));
      const why = control.mode === "ended" ? "command" : "time";
      const detail =
        turn === "started" ? { startsAtMs, endsAtMs, stock } : { why, endsAtMs, levels };
      this.#trail.write(turn, detail, by, nowMs);
      this.#store.writeTurn(turn, nowMs);
      this.#log.note({ kind: "turned", turn });
      this.#log.seal();
    }
  }

  /** Where the chain stands; `null` before the sale is created. */
  head(): ChainHead | null {
    const record = this.#store.read();
    return record && { chain: saleChain(record.definition.saleId), ...this.#trail.end() };
  }

  /** Rows after a sequence; none of a sale that was never created, by whatever name it is asked for. */
  page(after: number, saleId: string): ChainPage {
    // An object that was made by a call of its id does not know its name.
    const created = this.#store.read()?.definition.saleId;
    return this.#trail.page(saleChain(created ?? saleId), after);
  }

  /** Sends what the projection has not acknowledged: to be called after every event. */
  wake(): void {
    this.#outbox.wake();
  }

  /** The projection has written these entries. */
  acked(fromSequence: number, throughSequence: number): void {
    this.#outbox.acked(fromSequence, throughSequence);
  }

  /** Chains in what an older version wrote down without hashes. */
  #adopt(sql: SqlStorage): void {
    const written = sql.exec<AuditRow>("SELECT * FROM audit ORDER BY sequence").toArray();
    if (written.length === 0) return;
    for (const { at_ms: atMs, actor, reason, action } of written) {
      const detail = JSON.parse(action) as object;
      this.#trail.write(typeOfAction(detail), detail, { actor, reason }, atMs);
    }
    sql.exec("DELETE FROM audit");
  }
}

/** What an action was that is told by its fields alone. */
function typeOfAction(action: object): SaleTrailType {
  if ("command" in action) return "commanded";
  if ("revoke" in action) return "revoked";
  const isChange = ["name", "startsAtMs", "endsAtMs", "draft"].some((field) => field in action);
  return isChange ? "changed" : "adjusted";
}
