import type { Dice } from "../kernel/dice.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { Caller } from "../platform/network.ts";
import type { DeployPlan } from "../plan/plan.ts";
import { answerBefore, argumentsBefore, messageBefore } from "./contracts.ts";

/** So many messages of each queue stay there until long after the deploy. */
const LEFT_MAX = 20;

type Method = (...args: unknown[]) => Promise<unknown>;
type Producer = Pick<Queue, "send" | "sendBatch">;

/** When a node turns to the new version, back, and to it again. */
interface Turns {
  atMs: number;
  backAtMs: number;
  againAtMs: number;
}

/** Which node runs which version, and what those of the version before send. */
export class Versions {
  readonly #kernel: Kernel;
  readonly #plan: DeployPlan;
  readonly #dice: Dice;
  readonly #turns = new Map<string, Turns>();
  /** Messages as the version before has sent them, by queue. */
  readonly left = new Map<string, unknown[]>();
  /** Hears what was exercised. */
  cover: (name: string) => void = () => {};

  constructor(kernel: Kernel, plan: DeployPlan) {
    this.#kernel = kernel;
    this.#plan = plan;
    this.#dice = kernel.dice.fork("versions");
  }

  /** Whether a node is of the version before now. */
  isBefore(node: string): boolean {
    const { atMs, backAtMs, againAtMs } = this.#turnsOf(node);
    const nowMs = this.#kernel.scheduler.nowUs / 1000;
    return nowMs < atMs || (nowMs >= backAtMs && nowMs < againAtMs);
  }

  /** Whether some node is of the version before, or will be again. */
  get areTwo(): boolean {
    const { startsAtMs, lastsMs, rollback } = this.#plan;
    const lastAtMs = Math.max(startsAtMs, rollback?.againAtMs ?? 0) + lastsMs;
    return this.#kernel.scheduler.nowUs / 1000 <= lastAtMs;
  }

  /** A namespace whose objects and caller speak as their versions do. */
  calls<Namespace extends { getByName(name: string): object }>(
    of: Namespace,
    { kind, caller }: { kind: string; caller: Caller },
  ): Namespace {
    const getByName = (name: string): object =>
      new Proxy(of.getByName(name), {
        get: (stub, method) => {
          const target = Reflect.get(stub, method) as Method | undefined;
          if (target === undefined || typeof method === "symbol") return target;
          return (...args: unknown[]) => {
            const called = { node: `${kind}/${name}`, method: `${kind}.${method}` };
            return this.#call(target, args, caller, called);
          };
        },
      });
    return { getByName } as unknown as Namespace;
  }

  /** Producers of queues whose messages are of their sender's version. */
  producers<Producers extends object>(of: Producers, caller: Caller): Producers {
    const spoken = Object.entries(of as Record<string, Producer>).map(([queue, producer]) => {
      const translated = (body: unknown): unknown =>
        this.isBefore(caller.node) ? this.#leave(caller, queue, messageBefore(queue, body)) : body;
      const speaking: Producer = {
        send: (body) => producer.send(translated(body)),
        sendBatch: (messages) =>
          producer.sendBatch(
            Array.from(messages, (message) => ({ ...message, body: translated(message.body) })),
          ),
      };
      return [queue, speaking];
    });
    return Object.fromEntries(spoken) as Producers;
  }

  async #call(
    target: Method,
    args: unknown[],
    caller: Caller,
    { node, method }: { node: string; method: string },
  ): Promise<unknown> {
    const isBefore = this.isBefore(caller.node);
    if (isBefore !== this.isBefore(node)) this.cover(`deploy.${isBefore ? "asks" : "asked"}`);
    const answer = await target(...(isBefore ? argumentsBefore(method, args) : args));
    return this.isBefore(node) ? answerBefore(method, answer) : answer;
  }

  /** What a commit takes back has never left, so it is not in the queue either. */
  #leave(caller: Caller, queue: string, body: unknown): unknown {
    const left = this.left.get(queue) ?? [];
    this.left.set(queue, left);
    caller.release(() => {
      if (left.length < LEFT_MAX) left.push(body);
    });
    return body;
  }

  #turnsOf(node: string): Turns {
    const known = this.#turns.get(node);
    if (known) return known;
    const { startsAtMs, lastsMs, rollback } = this.#plan;
    const dice = this.#dice.fork(node);
    const atMs = startsAtMs + dice.int(0, lastsMs);
    const backAtMs = rollback ? rollback.backAtMs + dice.int(0, lastsMs) : Infinity;
    const againAtMs = rollback ? rollback.againAtMs + dice.int(0, lastsMs) : Infinity;
    // Who has not turned when everything is taken back does so when it is rolled out again.
    const turns = { atMs: backAtMs < atMs ? Math.max(atMs, againAtMs) : atMs, backAtMs, againAtMs };
    this.#turns.set(node, turns);
    return turns;
  }
}
