import type { Dice } from "../kernel/dice.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { Alarm } from "./alarm.ts";
import { Incarnation, type Construct, type Host } from "./incarnation.ts";
import { isInfrastructure, objectReset, type Settled } from "./network.ts";
import { SimulatedStorage } from "./storage.ts";

/** An object that is to go under does so within this long: before, while and after what it sent. */
const CRASH_SOON_US = 30_000;

/** Hears of what an object does. */
export interface Watcher {
  /** A method threw something that did not come from beneath it. */
  threw(host: ObjectHost, error: unknown): void;
  /** A turn that wrote something is over; it may still be lost. */
  written(host: ObjectHost): void;
  /** Everything written so far is there for ever. */
  durable(host: ObjectHost): void;
}

/** One object: its storage for ever, its memory from one incarnation to the next. */
export class ObjectHost implements Host {
  readonly node: string;
  readonly kernel: Kernel;
  readonly dice: Dice;
  readonly storage: SimulatedStorage;
  readonly name: string;
  readonly #construct: Construct;
  readonly #watcher: Watcher;
  readonly #alarm: Alarm;
  #current: Incarnation | null = null;
  #isDoomed = false;

  constructor(
    kernel: Kernel,
    watcher: Watcher,
    { node, name, construct }: { node: string; name: string; construct: Construct },
  ) {
    this.kernel = kernel;
    this.node = node;
    this.name = name;
    this.dice = kernel.dice.fork(`object/${node}`);
    this.#construct = construct;
    this.#watcher = watcher;
    this.storage = new SimulatedStorage(kernel, this.dice, {
      written: () => watcher.written(this),
      failed: () => this.crash("a commit failed"),
      durable: () => {
        watcher.durable(this);
        if (kernel.faults.happens("object.crashed_after_commit")) this.crash("after a commit");
        else this.#alarm.sync();
      },
    });
    this.#alarm = new Alarm(this, () => this.#wake());
  }

  /** Calls a method, waking the object if need be; the answer leaves when what it wrote is durable. */
  invoke(method: string, args: unknown[], answer: (settled: Settled) => void): void {
    const incarnation = this.#wake();
    const stay = incarnation.onLoss(() => answer({ ok: false, error: objectReset() }));
    incarnation.deliver(() => {
      this.kernel.note(`${this.node}.${method}(${JSON.stringify(args)})`);
      incarnation.exposed();
      void incarnation.run(method, args).then((settled) => {
        if (!settled.ok && !isInfrastructure(settled.error))
          this.#watcher.threw(this, settled.error);
        incarnation.release(() => {
          stay();
          answer(settled.ok ? cloned(settled.value) : remote(settled.error));
        });
      });
    });
  }

  /** Goes under: memory gone, what is durable kept, callers told. */
  crash(why: string): void {
    const gone = this.#current;
    if (!gone) return;
    this.kernel.note(`${this.node} goes under: ${why}`);
    this.#current = null;
    this.storage.lose();
    gone.end();
    this.#alarm.lost();
  }

  exposed(): void {
    if (this.#isDoomed || !this.kernel.faults.happens("object.crashed")) return;
    this.#isDoomed = true;
    this.kernel.scheduler.schedule(this.dice.int(0, CRASH_SOON_US), () => {
      this.#isDoomed = false;
      this.crash("crashed");
    });
  }

  #wake(): Incarnation {
    if (!this.#current) {
      this.kernel.note(`${this.node} wakes`);
      this.#current = new Incarnation(this, this.name, this.#construct);
    }
    return this.#current;
  }
}

function cloned(value: unknown): Settled {
  return { ok: true, value: structuredClone(value) };
}

/** An exception of the callee's code, as the caller sees it (docs: best-practices/error-handling). */
function remote(error: unknown): Settled {
  return {
    ok: false,
    error: error instanceof Error ? Object.assign(error, { remote: true }) : error,
  };
}
