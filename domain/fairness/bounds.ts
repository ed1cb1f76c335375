import type { LogControls } from "../log/leaf.ts";
import { Numbers } from "./numbers.ts";
import type { BoundFigures } from "./report.ts";

/** The window over which admissions are bounded. */
const WINDOW_MS = 60_000;

/** What a count came to against its bound, whenever it was looked at. */
export class BoundWatch {
  #figures: BoundFigures = { peak: 0, setting: null, overshoot: 0 };

  /** The count now, and what it is bounded by; `null`: nothing. */
  see(count: number, setting: number | null): void {
    const { peak, setting: before, overshoot } = this.#figures;
    if (setting === null) {
      if (before === null && count > peak) this.#figures = { peak: count, setting, overshoot };
    } else if (before === null || count - setting > peak - before)
      this.#figures = { peak: count, setting, overshoot: Math.max(0, count - setting) };
  }

  figures(): BoundFigures {
    return this.#figures;
  }
}

type Bounding = Pick<LogControls, "newUsersPerMinute" | "totalActiveUsers" | "suspended">;

/**
 * Capacity and rate, judged whenever somebody is let in, by what is set then: a bound that was lowered says
 * nothing about those who had been let in before.
 */
export class AdmissionBounds {
  readonly capacity = new BoundWatch();
  readonly rate = new BoundWatch();
  readonly #grantedAtMs = new Numbers();
  #windowFrom = 0;

  /** When everyone was let in, in order. */
  get grantedAtMs(): Float64Array {
    return this.#grantedAtMs.view();
  }

  /** When the `rank`-th was let in, from 1. */
  atMsOf(rank: number): number {
    return this.#grantedAtMs.at(rank - 1);
  }

  /** Somebody is let in, and with them so many are inside. */
  granted(atMs: number, inside: number, controls: Bounding): void {
    this.#grantedAtMs.push(atMs);
    while (atMs - this.#grantedAtMs.at(this.#windowFrom) >= WINDOW_MS) this.#windowFrom += 1;
    const { newUsersPerMinute, totalActiveUsers, suspended } = controls;
    this.capacity.see(inside, suspended ? null : totalActiveUsers);
    const within = this.#grantedAtMs.length - this.#windowFrom;
    this.rate.see(within, suspended ? null : newUsersPerMinute);
  }
}
