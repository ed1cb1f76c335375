import type { LineState } from "../domain/queue/admission.ts";
import { saleState, type SaleControl } from "../domain/purchase/sale.ts";
import type { SequencerStore } from "./sequencer-store.ts";
import { waitReport, type WaitReport } from "./wait-report.ts";

/** What a sequencer counted since it woke. */
export interface SequencerCounts {
  calls: Record<string, number>;
  commits: number;
  /** Calls that wait for a change of the board now. */
  parked: number;
}

/** The line's counters, for admins. */
export interface SequencerStats extends SequencerCounts {
  line: LineState;
  control: SaleControl;
  /** `null` until the sale has ended; an older version leaves it out. */
  waits?: WaitReport | null;
}

/** The line's counters now; `null` when there is no such sale. */
export function statsOf(
  store: SequencerStore,
  counts: SequencerCounts,
  nowMs: number,
): SequencerStats | null {
  const record = store.read();
  if (!record) return null;
  const { line, control } = record;
  const hasEnded = saleState(control, null, [], nowMs) === "ended";
  return { ...counts, line, control, waits: hasEnded ? waitReport(store, record) : null };
}
