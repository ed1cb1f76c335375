import type { BreakerReport, Permit } from "../../../domain/purchase/breaker.ts";
import type { Runtime } from "../../../durable-objects/runtime.ts";
import { inTime } from "./bounded.ts";

/** Longer than any answer of an object that is well; payments do not wait for one that is not. */
const ANSWER_MAX_MS = 1_000;

/** What a link needs of the object. */
export interface BreakerObject {
  admit(): PromiseLike<Permit>;
  report(report: BreakerReport): PromiseLike<void>;
  opensAtMs(): PromiseLike<number | null>;
}

/** The way to a provider's breaker. When the breaker does not answer, it counts as closed. */
export class BreakerLink {
  readonly #stub: () => BreakerObject;
  readonly #runtime: Pick<Runtime, "setTimer" | "clearTimer">;

  /** @param stub gives a fresh one each time: one whose call failed may stay broken. */
  constructor(stub: () => BreakerObject, runtime: Pick<Runtime, "setTimer" | "clearTimer">) {
    this.#stub = stub;
    this.#runtime = runtime;
  }

  /** What a batch may do now. */
  admit(): Promise<Permit> {
    return this.#within(() => this.#stub().admit(), { kind: "ask" });
  }

  /** Tells what became of a batch's calls; a report that is lost is not made up for. */
  report(report: BreakerReport): Promise<void> {
    return this.#within(() => this.#stub().report(report), undefined);
  }

  /** When the provider may be asked again; `null` when it may be asked now. */
  opensAtMs(): Promise<number | null> {
    return this.#within(() => this.#stub().opensAtMs(), null);
  }

  async #within<Answer>(call: () => PromiseLike<Answer>, otherwise: Answer): Promise<Answer> {
    try {
      return await inTime(call(), this.#runtime, ANSWER_MAX_MS);
    } catch (error) {
      console.warn({ event: "breaker.silent", why: String(error) });
      return otherwise;
    }
  }
}
