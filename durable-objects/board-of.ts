import type { Board } from "../domain/queue/board.ts";
import type { Flow } from "../domain/queue/flow.ts";
import { publicShuffle } from "../domain/queue/shuffle.ts";
import { isEndingSoon, saleState, type ListedLevel } from "../domain/purchase/sale.ts";
import type { LineRecord } from "./sequencer-store.ts";

/** What everyone may know of a line now, from its rows. */
export function boardOf(
  { definition, control, controls, line, shuffle, version }: LineRecord,
  levels: ListedLevel[],
  flow: Flow | null,
  nowMs: number,
): Board {
  const { prequeueStartsAtMs } = definition.queue;
  return {
    saleId: definition.saleId,
    state: saleState(control, prequeueStartsAtMs, levels, nowMs),
    endingSoon: isEndingSoon(control, nowMs),
    mode: control.mode,
    prequeueStartsAtMs,
    startsAtMs: control.startsAtMs,
    endsAtMs: control.endsAtMs,
    cursor: line.cursor,
    lastNumber: line.lastNumber,
    invitedPerSecond: line.invitedPerSecond || controls.newUsersPerMinute / 60,
    flow,
    levels,
    shuffle: shuffle && publicShuffle(shuffle),
    controls,
    revoked: control.revoked ?? [],
    version,
    asOfMs: nowMs,
  };
}
