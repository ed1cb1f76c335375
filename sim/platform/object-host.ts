import type { DatabaseSync } from "node:sqlite";
import type { Dice } from "../kernel/dice.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { Alarm } from "./alarm.ts";
import { copied } from "./copy.ts";
import { Incarnation, type Construct, type Host } from "./incarnation.ts";
import { isInfrastructure, objectFailed, objectReset, type Settled } from "./network.ts";
import { Sockets } from "./socket.ts";
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
  /** The object went under: what was not durable is gone. */
  lost(host: ObjectHost): void;
}

/** What a stub holds on to once it has reached its object: one life of it. */
export interface Connection {
  to: Incarnation | null;
}

/** One object: its storage for ever, its memory from one incarnation to the next. */
export class ObjectHost implements Host {
  readonly node: string;
  readonly kernel: Kernel;
  readonly dice: Dice;
  readonly storage: SimulatedStorage;
  readonly name: string;
  readonly sockets: Sockets;
  readonly #construct: Construct;
  readonly #watcher: Watcher;
  readonly #alarm: Alarm;
  #current: Incarnation | null = null;
  #isDoomed = false;

  constructor(
    kernel: Kernel,
    watcher: Watcher,
    options: { node: string; name: string; kind: string | null; construct: Construct },
  ) {
    const { node, name, kind, construct } = options;
    this.kernel = kernel;
    this.node = node;
    this.name = name;
    this.dice = kernel.dice.fork(`object/${node}`);
    this.#construct = construct;
    this.#watcher = watcher;
    this.storage = new SimulatedStorage(kernel, this.dice, kind, {
      written: () => watcher.written(this),
      nowMs: () => kernel.nowMs(node),
      failed: (error) => {
        if (error) this.threw(error);
        this.crash("a commit failed", error);
      },
      durable: () => {
        watcher.durable(this);
        if (kernel.faults.happens("object.crashed_after_commit")) this.crash("after a commit");
        else this.#alarm.sync();
      },
    });
    this.#alarm = new Alarm(this, () => this.#wake());
    this.sockets = new Sockets(this);
  }

  /** Calls a method, waking the object if need be; the answer leaves when what it wrote is durable. */
  invoke(
    method: string,
    args: unknown[],
    { connection, answer }: { connection: Connection; answer: (settled: Settled) => void },
    copy = cloned,
  ): void {
    const incarnation = connection.to ?? this.#wake();
    connection.to = incarnation;
    const { loss } = incarnation;
    if (loss) return answer({ ok: false, error: loss });
    const stay = incarnation.onLoss((error) => answer({ ok: false, error }));
    incarnation.deliver(() => {
      this.kernel.note(`${this.node}.${method}(${JSON.stringify(args)})`);
      incarnation.exposed();
      void incarnation.run(method, args).then((settled) => {
        if (!settled.ok) this.threw(settled.error);
        incarnation.release(() => {
          stay();
          answer(settled.ok ? copy(settled.value) : remote(settled.error));
        });
      });
    });
  }

  /** Sends it a request; what it answers is handed on as it is, the client's end of a socket with it. */
  fetch(url: string, answer: (settled: Settled) => void): void {
    const connection = { to: null };
    this.invoke("fetch", [{ url }], { connection, answer }, (value) => ({ ok: true, value }));
  }

  /** Runs a handler that nobody waits for, waking the object if need be. */
  handle(method: string, args: unknown[]): void {
    const incarnation = this.#wake();
    incarnation.deliver(() => {
      this.kernel.note(`${this.node}.${method}()`);
      incarnation.exposed();
      void incarnation.run(method, args).then((settled) => {
        if (!settled.ok) this.threw(settled.error);
      });
    });
  }

  /** Lets something go when everything written before is durable. */
  release(send: () => void): void {
    this.#current?.release(send);
  }

  /** Something inside threw: found out unless it came from beneath. */
  threw(error: unknown): void {
    if (!isInfrastructure(error)) this.#watcher.threw(this, error);
  }

  /** Goes under: memory gone, what is durable kept, callers told. */
  crash(why: string, error = objectReset()): void {
    this.sockets.lost();
    if (!this.#current) return;
    this.kernel.note(`${this.node} goes under: ${why}`);
    this.#leave(this.#current, error);
  }

  /** Leaves memory if nothing is under way; sockets stay. */
  hibernate(): void {
    if (this.#current?.isIdle !== true || !this.storage.isDurable) return;
    if (!this.kernel.faults.happens("socket.hibernated")) return;
    this.kernel.note(`${this.node} hibernates`);
    this.#leave(this.#current, objectReset());
  }

  #leave(gone: Incarnation, error: Error): void {
    this.#current = null;
    this.storage.lose();
    this.#watcher.lost(this);
    gone.end(error);
    this.#alarm.lost();
  }

  /** Goes under and wakes with other code; `prepare` is given what is stored in between. */
  redeploy(prepare: (database: DatabaseSync) => void): void {
    this.crash("its code is replaced");
    prepare(this.storage.database);
    this.#wake();
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
    if (this.#current) return this.#current;
    this.kernel.note(`${this.node} wakes`);
    this.storage.wake();
    const born = new Incarnation(this);
    this.#current = born;
    try {
      born.start(this.name, this.#construct);
    } catch (error) {
      this.threw(error);
      this.crash("its constructor threw", objectFailed(messageOf(error)));
    }
    return born;
  }
}

function cloned(value: unknown): Settled {
  return { ok: true, value: copied(value) };
}

/**
 * An exception of the callee's code as the caller sees it: a copy, of a standard class, with the
 * properties that it was given (docs: best-practices/error-handling).
 */
function remote(error: unknown): Settled {
  const thrown = typeof error === "object" && error !== null ? error : new Error(String(error));
  const properties = structuredClone({ ...thrown });
  const copy = thrown instanceof Error ? structuredClone(thrown) : {};
  return { ok: false, error: Object.assign(copy, properties, { remote: true }) };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
