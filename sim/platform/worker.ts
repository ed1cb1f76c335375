import type { Runtime, Timer } from "../../durable-objects/runtime.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { ScheduledEvent } from "../kernel/scheduler.ts";
import type { Caller } from "./network.ts";

/** Code that keeps nothing: a request to an edge, a batch at a consumer. It may die at any await. */
export class WorkerCaller implements Caller {
  readonly node: string;
  readonly #kernel: Kernel;
  #isAlive = true;

  constructor(kernel: Kernel, node: string) {
    this.#kernel = kernel;
    this.node = node;
  }

  /** Its clock, its chance and its timers; none of these fires once it is dead. */
  readonly runtime: Runtime = {
    now: () => this.#kernel.nowMs(this.node),
    randomBytes: (length) => this.#kernel.workerDice.bytes(length),
    setTimer: (run, delayMs) =>
      this.#kernel.scheduler.schedule(delayMs * 1000, () => {
        this.release(run);
      }),
    clearTimer: (timer: Timer) => {
      (timer as ScheduledEvent).cancelled = true;
    },
  };

  /** Kills what runs here: it hears no answer any more. */
  kill(): void {
    this.#isAlive = false;
    this.#kernel.note(`${this.node} dies`);
  }

  release(send: () => void): void {
    if (this.#isAlive) send();
  }

  entrance(): (arrive: () => void) => void {
    return (arrive) => {
      if (this.#isAlive) arrive();
    };
  }

  exposed(): void {}
}
