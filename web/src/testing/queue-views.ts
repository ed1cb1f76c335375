import type { QueueView } from "../contract.ts";

/** A place far back in a line that moves, with whatever a test is about. */
export function viewOf(changes: Partial<QueueView> = {}): QueueView {
  return {
    state: "waiting",
    reason: null,
    paused: false,
    number: 1_512,
    ahead: 312,
    estimate: { minSeconds: 240, maxSeconds: 360 },
    pollAfterMs: 5_000,
    nowServing: 1_199,
    message: null,
    ...changes,
  };
}
