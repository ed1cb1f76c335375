import type { WaitEstimate } from "../queue/estimate.ts";
import { Numbers } from "./numbers.ts";
import type { EstimateFigures } from "./report.ts";
import { percentile } from "../percentiles.ts";

/** Waits that were shown and are compared with what came: the first so many, a few MB. */
const SHOWN_MAX = 50_000;

/** What is known of a number when its wait is judged. */
export interface TurnOf {
  /** When somebody was let in; `null` when they were not. */
  admittedAtMs: (number: number) => number | null;
  /** Whether the number may still be let in. */
  isWaiting: (number: number) => boolean;
  nowMs: number;
}

/** The waits that shoppers were shown, and whether they were true. */
export class EstimateSample {
  readonly #numbers = new Numbers();
  readonly #atMs = new Numbers();
  readonly #minSeconds = new Numbers();
  readonly #maxSeconds = new Numbers();

  note(number: number, { minSeconds, maxSeconds }: WaitEstimate, atMs: number): void {
    if (this.#numbers.length >= SHOWN_MAX) return;
    this.#numbers.push(number);
    this.#atMs.push(atMs);
    this.#minSeconds.push(minSeconds);
    this.#maxSeconds.push(maxSeconds);
  }

  /**
   * Judges by when they were let in. Who never came, or could not be served any more, judges nothing; who
   * waits still beyond the interval was told too little. `null` when nothing was shown.
   */
  figures({ admittedAtMs, isWaiting, nowMs }: TurnOf): EstimateFigures | null {
    const shown = this.#numbers.length;
    if (shown === 0) return null;
    let [held, early, late] = [0, 0, 0];
    const widths = new Numbers();
    const shares = new Numbers();
    for (let index = 0; index < shown; index++) {
      const number = this.#numbers.at(index);
      const atMs = admittedAtMs(number);
      const seconds = ((atMs ?? nowMs) - this.#atMs.at(index)) / 1000;
      const [min, max] = [this.#minSeconds.at(index), this.#maxSeconds.at(index)];
      const isLate = seconds > max;
      if (atMs === null && !(isWaiting(number) && isLate)) continue;
      if (isLate) late += 1;
      else if (seconds < min) early += 1;
      else held += 1;
      widths.push(max - min);
      shares.push((max - min) / Math.max(seconds, 1));
    }
    const judged = widths.length;
    const [widthSeconds, widthShare] = [median(widths), median(shares)];
    return { shown, judged, held, early, late, widthSeconds, widthShare };
  }
}

function median(values: Numbers): number {
  return percentile(values.view().toSorted(), 50);
}
