/** Callers whose statements make one call of the database, at most: as many as a queue's batch has messages. */
const CALLERS_MAX = 50;

type Results = D1Result<Record<string, unknown>>[];

interface Waiting {
  statements: D1PreparedStatement[];
  resolve: (results: Results) => void;
  reject: (why: unknown) => void;
}

/**
 * Makes one call of the database, and one transaction, of what callers ask for in the same turn or while the call
 * before is under way: the calls cost more than what they do. Where it fails all of them fail, and may ask again.
 */
export class Gathered {
  readonly #db: D1Database;
  readonly #waiting: Waiting[] = [];
  #isCalling = false;

  constructor(db: D1Database) {
    this.#db = db;
  }

  /** The results of these statements, which stay together. */
  batch(statements: D1PreparedStatement[]): Promise<Results> {
    const { promise, reject, resolve } = Promise.withResolvers<Results>();
    this.#waiting.push({ statements, resolve, reject });
    if (!this.#isCalling) {
      this.#isCalling = true;
      void this.#call();
    }
    return promise;
  }

  async #call(): Promise<void> {
    // Whoever else asks in this turn comes along.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const callers = this.#waiting.splice(0, CALLERS_MAX);
      try {
        const results: Results = await this.#db.batch(callers.flatMap((one) => one.statements));
        for (const { resolve, statements } of callers)
          resolve(results.splice(0, statements.length));
      } catch (error) {
        for (const { reject } of callers) reject(error);
      }
    }
    this.#isCalling = false;
  }
}
