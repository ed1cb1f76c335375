import type { Runtime, Timer } from "../../durable-objects/runtime.ts";
import type { Dice } from "../kernel/dice.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { ScheduledEvent } from "../kernel/scheduler.ts";
import { objectFailed, type Caller, type Settled } from "./network.ts";
import type { Sockets } from "./socket.ts";
import type { SimulatedStorage } from "./storage.ts";

/** A timer fires up to this late; a late one up to the second bound. */
const TIMER_JITTER_US = 2_000;
const TIMER_LATE_MAX_US = 1_000_000;

/** An instance of an object's class: methods by name. */
export type Instance = Record<string, (...args: unknown[]) => unknown>;

/** How an object is made; `caller` stands for the object in what its `env` sends. */
export type Construct = (ctx: DurableObjectState, caller: Caller, runtime: Runtime) => Instance;

/** What an incarnation needs of its host. */
export interface Host {
  readonly node: string;
  readonly kernel: Kernel;
  readonly dice: Dice;
  readonly storage: SimulatedStorage;
  /** The object goes under; its callers see the error. */
  crash(why: string, error?: Error): void;
  /** Something threw where no caller waits for it. */
  threw(error: unknown): void;
  /** Something of the object's is on its way. */
  exposed(): void;
  readonly sockets: Sockets;
}

/**
 * One life of an object in memory, from its constructor to the moment it goes under. Code runs in
 * turns; other events come in only where it awaits something outside of its storage.
 */
export class Incarnation implements Caller {
  readonly node: string;
  readonly #host: Host;
  #instance: Instance | null = null;
  /** What the object went under with, once it has. */
  #loss: Error | null = null;
  /** Above 0 while `blockConcurrencyWhile` holds events back … */
  #blocked = 0;
  /** … except those that its own code waits for: whether that is what runs now. */
  #isInBlock = false;
  readonly #inbox: (() => void)[] = [];
  readonly #timers = new Set<ScheduledEvent>();
  /** Tells the callers who are inside that the object went under. */
  readonly #losses = new Set<(error: Error) => void>();
  /** Handlers that run, and answers and timers that are to come. */
  #underWay = 0;

  constructor(host: Host) {
    this.#host = host;
    this.node = host.node;
  }

  /**
   * Runs the constructor.
   *
   * @throws whatever that throws.
   */
  start(name: string, construct: Construct): void {
    const host = this.#host;
    const ctx = {
      id: { name },
      storage: host.storage,
      ...host.sockets.context,
      blockConcurrencyWhile: (work: () => Promise<unknown>) => this.#block(work),
      abort: (reason = "aborted") => {
        const error = objectFailed(reason);
        host.crash(reason, error);
        throw error;
      },
    };
    this.#instance = construct(ctx as unknown as DurableObjectState, this, this.#runtime());
  }

  /** Whether the object still lives this life. */
  get isAlive(): boolean {
    return this.#loss === null;
  }

  /** Whether nothing runs here and nothing is waited for. */
  get isIdle(): boolean {
    return this.#underWay === 0 && this.#blocked === 0 && this.#inbox.length === 0;
  }

  /** What the object went under with; `null` while it lives. */
  get loss(): Error | null {
    return this.#loss;
  }

  /** What a turn sends leaves when the turn is over: one that aborts has sent nothing. */
  release(send: () => void): void {
    if (!this.isAlive) return;
    this.#host.storage.whenDurable(() => {
      this.#host.kernel.scheduler.atTurnEnd(() => {
        if (this.isAlive) send();
      });
    });
  }

  /** Runs code inside, now or when events are taken again. */
  deliver(run: () => void): void {
    if (!this.isAlive) return;
    if (this.#blocked > 0) this.#inbox.push(run);
    else run();
  }

  entrance(): (arrive: () => void) => void {
    const isOfBlock = this.#isInBlock;
    this.#underWay += 1;
    return (arrive) => {
      this.#underWay -= 1;
      if (isOfBlock && this.#blocked > 0) this.#runInBlock(arrive);
      else this.deliver(arrive);
    };
  }

  exposed(): void {
    this.#host.exposed();
  }

  /** Calls a method; hears nothing more once the object went under. */
  async run(method: string, args: unknown[]): Promise<Settled> {
    this.#underWay += 1;
    try {
      const handler = this.#instance?.[method];
      if (!handler) throw new TypeError(`The RPC receiver does not implement "${method}".`);
      return { ok: true, value: await handler.apply(this.#instance, args) };
    } catch (error) {
      return { ok: false, error };
    } finally {
      this.#underWay -= 1;
    }
  }

  /** Calls `tell` if the object goes under first; returns how to take that back. */
  onLoss(tell: (error: Error) => void): () => void {
    this.#losses.add(tell);
    return () => this.#losses.delete(tell);
  }

  /** The end of this life: nothing of it runs again. */
  end(error: Error): void {
    this.#loss = error;
    for (const timer of this.#timers) timer.cancelled = true;
    for (const tell of this.#losses) tell(error);
  }

  #runtime(): Runtime {
    const { kernel, dice, node } = this.#host;
    return {
      now: () => kernel.nowMs(node),
      setTimer: (run, delayMs) => {
        const isLate = kernel.faults.happens("timer.late");
        const delayUs = delayMs * 1000 + dice.int(0, isLate ? TIMER_LATE_MAX_US : TIMER_JITTER_US);
        const letIn = this.entrance();
        const timer = kernel.scheduler.schedule(delayUs, () => {
          this.#timers.delete(timer);
          letIn(() => this.#fire(run));
        });
        this.#timers.add(timer);
        return timer;
      },
      clearTimer: (timer: Timer) => {
        const event = timer as ScheduledEvent;
        event.cancelled = true;
        if (this.#timers.delete(event)) this.#underWay -= 1;
      },
      randomBytes: (length) => dice.bytes(length),
    };
  }

  /** Runs a timer's function: what it throws is lost on everybody. */
  #fire(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#host.threw(error);
    }
  }

  /** Holds events back from now on, until work that begins in a turn of its own is done. */
  async #block(work: () => Promise<unknown>): Promise<unknown> {
    this.#blocked += 1;
    const begin = async (): Promise<unknown> => await work();
    try {
      return await new Promise((resolve) => {
        this.#host.kernel.scheduler.schedule(0, () => {
          if (this.isAlive) this.#runInBlock(() => resolve(begin()));
        });
      });
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error);
      this.#host.crash("its blockConcurrencyWhile threw", objectFailed(said));
      throw error;
    } finally {
      this.#blocked -= 1;
      if (this.#blocked === 0) this.#openInbox();
    }
  }

  /** Runs a turn of the code that a `blockConcurrencyWhile` is waiting for. */
  #runInBlock(run: () => void): void {
    if (!this.isAlive) return;
    this.#isInBlock = true;
    this.#host.kernel.scheduler.atTurnEnd(() => {
      this.#isInBlock = false;
    });
    run();
  }

  /** Each event that waited gets a turn of its own. */
  #openInbox(): void {
    for (const run of this.#inbox.splice(0))
      this.#host.kernel.scheduler.schedule(0, () => this.deliver(run));
  }
}
