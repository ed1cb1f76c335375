import { countClass } from "./plan.ts";
import type { Surroundings } from "./surroundings.ts";
import type { Telling } from "./telling.ts";

/** An object that is to die is aborted up to this long after a call has begun: before, within or after its transaction. */
const ABORT_LATE_MAX_MS = 20;
/** Of all lives this share ends with the first call. */
const DIES_AT_ONCE_SHARE = 0.2;

/** Of all other lives this share ends at rest, when nobody asks anything of the object; the rest in the middle of a call. */
const AT_REST_SHARE = 0.5;
/** An object at rest has nothing asked of it for so long. */
const REST_MS = 20;

interface Life {
  name: string;
  id: string;
  abort: () => void;
  endsAtMs: number;
  /** Calls of others park at some objects, which never rest: from then on these end in a call, too. */
  restsUntilMs: number;
  callsUnderWay: number;
  isEnding: boolean;
}

/** Ends the lives of objects at random, by `abort`: what was in memory is gone, and so is every call under way. */
export class Deaths {
  readonly #livesMs: number;
  readonly #around: Surroundings;
  readonly #telling: Telling;
  readonly #lives = new WeakMap<object, Life>();
  /** Classes whose first object has died. */
  readonly #died = new Set<string>();
  /** Ids that have lived, but for those that were aborted in a call and not needed since. */
  readonly #lived = new Set<string>();

  constructor(livesSeconds: number, around: Surroundings, telling: Telling) {
    this.#livesMs = livesSeconds * 1000;
    this.#around = around;
    this.#telling = telling;
  }

  /** A new object of this class: draws how long it lives. The first of each class dies with its first call. */
  begin(name: string, id: string, object: object, abort: () => void): void {
    if (this.#livesMs === 0) return;
    const { now, random } = this.#around;
    if (this.#lived.has(id)) countClass(this.#telling.figures.evicted, name);
    this.#lived.add(id);
    const isShort = !this.#died.has(name) || random() < DIES_AT_ONCE_SHARE;
    const endsAtMs = now() + (isShort ? 0 : 2 * random() * this.#livesMs);
    const rests = !isShort && random() < AT_REST_SHARE;
    const restsUntilMs = rests ? endsAtMs + this.#livesMs : endsAtMs;
    const life = { name, id, abort, endsAtMs, restsUntilMs, callsUnderWay: 0, isEnding: false };
    this.#lives.set(object, life);
  }

  /** Makes every method of a class notice that its object's time has come. */
  watch({ prototype }: { prototype: object }): void {
    const watched = (object: object, call: () => unknown): unknown => {
      const life = this.#lives.get(object);
      return life ? this.#live(life, call) : call();
    };
    for (const [name, call] of methodsOf(prototype)) {
      Object.defineProperty(prototype, name, {
        configurable: true,
        writable: true,
        value(this: object, ...args: unknown[]): unknown {
          return watched(this, () => Reflect.apply(call, this, args));
        },
      });
    }
  }

  #live(life: Life, call: () => unknown): unknown {
    const { now, random } = this.#around;
    if (now() >= life.restsUntilMs) this.#endInCall(life, random() * ABORT_LATE_MAX_MS);
    life.callsUnderWay += 1;
    const done = (): void => {
      life.callsUnderWay -= 1;
      if (now() >= life.endsAtMs) void this.#endAtRest(life);
    };
    let answer: unknown;
    try {
      answer = call();
    } catch (error) {
      done();
      throw error;
    }
    if (answer instanceof Promise) void answer.then(done, done);
    else done();
    return answer;
  }

  #endInCall(life: Life, lateMs: number): void {
    if (life.isEnding) return;
    life.isEnding = true;
    void this.#around.sleep(lateMs).then(() => {
      this.#died.add(life.name);
      this.#lived.delete(life.id);
      countClass(this.#telling.figures.aborted, life.name);
      this.#telling.tell();
      life.abort();
    });
  }

  async #endAtRest(life: Life): Promise<void> {
    if (life.isEnding || life.callsUnderWay > 0) return;
    await this.#around.sleep(REST_MS);
    if (life.isEnding || life.callsUnderWay > 0) return;
    life.isEnding = true;
    this.#telling.tell();
    life.abort();
  }
}

type Method = (...args: unknown[]) => unknown;

/** What an object of the class can be asked, by itself or by what it inherits from the product. */
function methodsOf(prototype: object): Map<string, Method> {
  const methods = new Map<string, Method>();
  for (
    let at: object | null = prototype;
    at !== null && at !== Object.prototype;
    at = Object.getPrototypeOf(at) as object | null
  ) {
    if (at.constructor.name === "DurableObject") break;
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(at))) {
      const isMethod = typeof value === "function" && name !== "constructor";
      if (isMethod && !methods.has(name)) methods.set(name, value as Method);
    }
  }
  return methods;
}
