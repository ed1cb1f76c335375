import { DurableObject } from "cloudflare:workers";

/** Takes what waits when its timer fires, in one go. */
class Batches extends DurableObject {
  #waiting = [];
  take(value) {
    if (this.#waiting.length === 0) setTimeout(() => void this.#flush(), 0);
    return new Promise((resolve) => this.#waiting.push([value, resolve]));
  }
  async #flush() {
    const batch = this.#waiting.splice(0);
    const told = await this.apply(batch.map(([value]) => value));
    for (const [index, [, resolve]] of batch.entries()) resolve(told[index]);
  }
}

/** Keeps a row a shopper and asks the line for numbers, many at a time. */
export class Lane extends Batches {
  constructor(ctx, env) {
    super(ctx, env);
    const table = "CREATE TABLE IF NOT EXISTS places (shopper TEXT PRIMARY KEY, number INT)";
    ctx.storage.sql.exec(`${table} WITHOUT ROWID`);
  }
  join(shopper) {
    return this.take(shopper);
  }
  async apply(shoppers) {
    const { sql } = this.ctx.storage;
    const numbers = await this.env.LINE.getByName("line").number(shoppers);
    this.ctx.storage.transactionSync(() => {
      for (const [index, shopper] of shoppers.entries())
        sql.exec(
          "INSERT INTO places VALUES (?, ?) ON CONFLICT DO NOTHING",
          shopper,
          numbers[index],
        );
    });
    return numbers;
  }
}

/** Gives the numbers: a row each, those of all lanes that wait in one transaction. */
export class Line extends Batches {
  constructor(ctx, env) {
    super(ctx, env);
    ctx.storage.sql.exec(
      "CREATE TABLE IF NOT EXISTS line (number INTEGER PRIMARY KEY, shopper TEXT)",
    );
  }
  kept(prefix) {
    const some = "SELECT number FROM line WHERE shopper BETWEEN ? AND ?";
    return { ids: this.ctx.storage.sql.exec(some, prefix, `${prefix}~`).raw().toArray().flat() };
  }
  number(shoppers) {
    return this.take(shoppers);
  }
  async apply(batches) {
    const { sql } = this.ctx.storage;
    const insert = "INSERT INTO line (shopper) VALUES (?) RETURNING number";
    return this.ctx.storage.transactionSync(() =>
      batches.map((shoppers) => shoppers.map((shopper) => sql.exec(insert, shopper).one().number)),
    );
  }
}
