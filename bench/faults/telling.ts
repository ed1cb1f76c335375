import { type FaultFigures, FIGURES_MARK, noFigures, type Teller } from "./plan.ts";

/** The log has the figures so far this often at most, as long as something happens. */
const TELL_EVERY_MS = 250;

/** Figures of one teller, which go into the log: there is no other way out of a Worker that needs no route. */
export class Telling {
  readonly figures: FaultFigures = noFigures();
  readonly #teller: Teller;
  readonly #nowMs: () => number;
  #toldAtMs = 0;

  constructor(teller: Teller, nowMs: () => number) {
    this.#teller = teller;
    this.#nowMs = nowMs;
  }

  /** To be called when something has happened. */
  tell(): void {
    const nowMs = this.#nowMs();
    if (nowMs - this.#toldAtMs < TELL_EVERY_MS) return;
    this.#toldAtMs = nowMs;
    console.warn(`${FIGURES_MARK}${this.#teller} ${JSON.stringify(this.figures)}`);
  }
}

/** What each teller told last. */
export function lastTold(log: string): FaultFigures[] {
  const last = new Map<string, FaultFigures>();
  for (const line of log.split("\n")) {
    const at = line.indexOf(FIGURES_MARK);
    if (at < 0) continue;
    const [teller = "", json = ""] = line.slice(at + FIGURES_MARK.length).split(/ (.*)/, 2);
    last.set(teller, JSON.parse(json) as FaultFigures);
  }
  return [...last.values()];
}
