import type { Random } from "../domain/random.ts";

/** What the driver does to one try of a call, to see whether the system bears it. */
export type CallFault = "none" | "doubled" | "lost";

/** How often tries are harmed; percents of all tries. */
export interface CallFaultRates {
  doublePercent: number;
  losePercent: number;
}

/** Draws what becomes of every try. */
export class CallFaults {
  /** Tries sent two times at once. */
  doubled = 0;
  /** Answers thrown away, as if the connection had broken behind the server's work. */
  lost = 0;
  readonly #rates: CallFaultRates;
  readonly #random: Random;

  constructor(rates: CallFaultRates, random: Random) {
    this.#rates = rates;
    this.#random = random;
  }

  /** What becomes of the next try. */
  next(): CallFault {
    const drawn = this.#random() * 100;
    if (drawn < this.#rates.losePercent) {
      this.lost += 1;
      return "lost";
    }
    if (drawn >= this.#rates.losePercent + this.#rates.doublePercent) return "none";
    this.doubled += 1;
    return "doubled";
  }
}
