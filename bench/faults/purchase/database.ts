import type { FaultFigures, FaultPlan } from "../plan.ts";
import type { Surroundings } from "../surroundings.ts";

/** The sale is in its middle when this share of the stock is sold. */
const MIDDLE_SHARE = 0.4;
/** What a statement is asked that makes it a call. */
const STATEMENT_CALLS: ReadonlySet<PropertyKey> = new Set(["first", "run", "all", "raw"]);

/** What is wrong with a database: it goes away once, is busy now and then, or slow. */
export class DatabaseFaults {
  readonly #plan: FaultPlan;
  readonly #around: Surroundings;
  readonly #figures: FaultFigures;
  #downUntilMs = 0;
  #hasBegun = false;

  constructor(plan: FaultPlan, around: Surroundings, figures: FaultFigures) {
    this.#plan = plan;
    this.#around = around;
    this.#figures = figures;
  }

  /**
   * Tells how much of an item is sold. The database goes away once, in the middle of the sale; nothing
   * is wrong with it before there is one, so that the driver can create it.
   */
  sold({ sold, stock }: { sold: number; stock: number }): void {
    this.#hasBegun = true;
    const { databaseDownSeconds } = this.#plan;
    if (databaseDownSeconds === 0 || this.#figures.downAtMs !== null) return;
    if (sold < stock * MIDDLE_SHARE) return;
    const nowMs = this.#around.now();
    this.#figures.downAtMs = nowMs;
    this.#downUntilMs = nowMs + databaseDownSeconds * 1000;
  }

  /** The database, or a session of it, with these faults before it. */
  before<Database extends D1Database | D1DatabaseSession>(real: Database): Database {
    const realOf = new WeakMap<object, D1PreparedStatement>();
    const statement = (inner: D1PreparedStatement): D1PreparedStatement => {
      const outer = replace(inner, (name, call) => {
        if (name === "bind") return (...values) => statement(inner.bind(...values));
        return STATEMENT_CALLS.has(name) ? (...args) => this.#meet(() => call(...args)) : call;
      });
      realOf.set(outer, inner);
      return outer;
    };
    return replace(real, (name, call) => {
      if (name === "prepare") return (query) => statement(real.prepare(query as string));
      if (name === "exec") return (...args) => this.#meet(() => call(...args));
      if (name === "withSession")
        return (...args) => this.before(call(...args) as D1DatabaseSession);
      if (name !== "batch") return call;
      return (statements) =>
        this.#meet(() =>
          call((statements as D1PreparedStatement[]).map((outer) => realOf.get(outer) ?? outer)),
        );
    });
  }

  async #meet(call: () => unknown): Promise<unknown> {
    const { random, sleep, now } = this.#around;
    const { databaseBusyPercent, databaseSlowMs } = this.#plan;
    if (!this.#hasBegun) return call();
    if (databaseSlowMs > 0) await sleep(random() * databaseSlowMs);
    if (now() < this.#downUntilMs) {
      this.#figures.callsDown += 1;
      throw new Error("D1_ERROR: Network connection lost.");
    }
    if (random() * 100 < databaseBusyPercent) {
      this.#figures.callsBusy += 1;
      if (random() < 0.5) await call();
      throw new Error("D1_ERROR: D1 DB is overloaded. Requests queued for too long.");
    }
    return call();
  }
}

type Method = (...args: unknown[]) => unknown;

/** An object whose methods are what `replaced` gives for each, by its name and the real one. */
function replace<Real extends object>(
  real: Real,
  replaced: (name: PropertyKey, call: Method) => Method,
): Real {
  return new Proxy(real, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? replaced(name, value.bind(target) as Method) : value;
    },
  });
}
