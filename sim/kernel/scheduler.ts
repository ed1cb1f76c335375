import { setImmediate as afterMicrotasks } from "node:timers";

/** Something that will happen; `cancelled` events are skipped. */
export interface ScheduledEvent {
  readonly atUs: number;
  cancelled: boolean;
}

/**
 * What Node does itself when a task is over: runs all microtasks, and reports rejections that nobody has caught by
 * then. Nothing but microtasks runs in a turn. A task for every turn would take a twentieth of a simulation.
 */
const { _tickCallback: runMicrotasks } = process as unknown as { _tickCallback: () => void };

interface Entry extends ScheduledEvent {
  readonly order: number;
  readonly run: () => void;
}

/**
 * Simulated time and the order of everything. One step runs one event and all microtasks that follow
 * from it: to the code under test that is one turn of the event loop.
 */
export class Scheduler {
  /** Simulated time in microseconds since the epoch: whole milliseconds would hide races. */
  nowUs: number;
  steps = 0;
  readonly #heap: Entry[] = [];
  #turnEnds: (() => void)[] = [];
  #order = 0;

  constructor(startMs: number) {
    this.nowUs = startMs * 1000;
  }

  /** Runs `run` after `delayUs`; of two events at the same time the one scheduled first. */
  schedule(delayUs: number, run: () => void): ScheduledEvent {
    const atUs = this.nowUs + Math.max(0, Math.round(delayUs));
    const entry: Entry = { atUs, order: this.#order++, run, cancelled: false };
    this.#push(entry);
    return entry;
  }

  /** Runs `run` when the current turn is over, before the next event. */
  atTurnEnd(run: () => void): void {
    this.#turnEnds.push(run);
  }

  /** Waits in simulated time. */
  sleep(delayUs: number): Promise<void> {
    return new Promise((resolve) => this.schedule(delayUs, resolve));
  }

  /** When the next event comes; `null` when nothing will ever happen again. */
  nextAtUs(): number | null {
    while (this.#heap[0]?.cancelled === true) this.#pop();
    return this.#heap[0]?.atUs ?? null;
  }

  /**
   * Runs the next event to the end of its turn; `false` when there is none.
   *
   * @throws whatever the event throws.
   */
  async step(): Promise<boolean> {
    let steps = 0;
    return this.stepWhile(() => steps++ === 0);
  }

  /**
   * Runs events, each to the end of its turn, until `condition` says no, or none is left: `false` then.
   *
   * @throws whatever an event throws.
   */
  stepWhile(condition: () => boolean): Promise<boolean> {
    return new Promise((resolve, reject) => {
      if (!condition()) return resolve(true);
      if (!this.#begin()) return resolve(false);
      // Microtasks cannot be run to their end from within one of them: from here on, in a task.
      afterMicrotasks(() => {
        try {
          for (;;) {
            this.#end();
            if (!condition()) return resolve(true);
            if (!this.#begin()) return resolve(false);
            runMicrotasks();
          }
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  /** Runs the next event, but not what follows from it; `false` when there is none. */
  #begin(): boolean {
    if (this.nextAtUs() === null) return false;
    const entry = this.#pop();
    if (!entry) return false;
    this.nowUs = Math.max(this.nowUs, entry.atUs);
    this.steps += 1;
    entry.run();
    return true;
  }

  /** All microtasks are done: the turn ends. */
  #end(): void {
    const ends = this.#turnEnds;
    if (ends.length === 0) return;
    this.#turnEnds = [];
    for (const end of ends) end();
    runMicrotasks();
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let index = heap.length;
    heap.push(entry);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(entry, heap[parent] as Entry)) break;
      heap[index] = heap[parent] as Entry;
      index = parent;
    }
    heap[index] = entry;
  }

  #pop(): Entry | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (!last || heap.length === 0) return top;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      if (left >= heap.length) break;
      const right = left + 1;
      const child =
        right < heap.length && isBefore(heap[right] as Entry, heap[left] as Entry) ? right : left;
      if (!isBefore(heap[child] as Entry, last)) break;
      heap[index] = heap[child] as Entry;
      index = child;
    }
    heap[index] = last;
    return top;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.atUs < b.atUs || (a.atUs === b.atUs && a.order < b.order);
}
