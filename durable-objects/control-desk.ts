import type { Actor } from "../domain/books/actor.ts";
import type { SaleTrailType } from "../domain/books/trail.ts";
import { judgedAtMs } from "../domain/books/turns.ts";
import type { LogEvent } from "../domain/log/leaf.ts";
import { controlNews, leadNews } from "../domain/log/terms.ts";
import { refuse, type Refusal } from "../domain/problem.ts";
import type { SaleControl } from "../domain/purchase/sale.ts";
import type { LiveControls } from "../domain/queue/settings.ts";
import type { SaleLog } from "./sale-log.ts";
import type { SaleTrail } from "./sale-trail.ts";
import type { LineRecord, SequencerStore } from "./sequencer-store.ts";

/** The sale's control as it stands after what was asked. */
export type ControlAnswer = { ok: true; control: SaleControl } | Refusal;

/**
 * What people do to a sale: who acted is written into its chain, and what decides who is let in into its
 * public log, in the caller's transaction.
 */
export class ControlDesk {
  readonly #store: SequencerStore;
  readonly #trail: Pick<SaleTrail, "write" | "turn">;
  readonly #log: Pick<SaleLog, "note">;

  constructor(
    store: SequencerStore,
    trail: Pick<SaleTrail, "write" | "turn">,
    log: Pick<SaleLog, "note">,
  ) {
    this.#store = store;
    this.#trail = trail;
    this.#log = log;
  }

  /** Writes the control that an action leads to; nothing when it leads to none. `written` follows it. */
  decide(
    type: SaleTrailType,
    action: object,
    by: Actor,
    nowMs: number,
    decide: (record: LineRecord, nowMs: number) => SaleControl | Refusal,
    written: () => void,
  ): ControlAnswer {
    const record = this.#store.read();
    if (!record) return refuse("not_found");
    const control = decide(record, judgedAtMs(record.control, record.turns, nowMs));
    if ("code" in control) return control;
    const isNews = control.version > record.control.version;
    // A new name changes nothing here; it is noted all the same.
    if (isNews || "name" in action) this.#trail.write(type, action, by, nowMs);
    if (isNews) {
      this.#store.writeControl(control);
      this.#tell(controlNews(record.control, control));
      this.#trail.turn(nowMs, by);
      written();
    }
    return { ok: true, control };
  }

  /** Writes how the line is led from now on. A repeat changes nothing; `written` follows what does. */
  adjust(
    changes: Partial<LiveControls>,
    by: Actor,
    nowMs: number,
    written: () => void,
  ): { ok: true; controls: LiveControls } | Refusal {
    const record = this.#store.read();
    if (!record) return refuse("not_found");
    const controls = { ...record.controls, ...changes };
    if (JSON.stringify(controls) === JSON.stringify(record.controls)) return { ok: true, controls };
    this.#trail.write("adjusted", changes, by, nowMs);
    this.#store.writeControls(controls);
    this.#tell(leadNews(record.controls, controls));
    written();
    return { ok: true, controls };
  }

  #tell(news: LogEvent | null): void {
    if (news) this.#log.note(news);
  }
}
