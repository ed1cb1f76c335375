import { DurableObject } from "cloudflare:workers";

/** Group commit: all that wait in one transaction, a row each; what is left is kept in memory. */
export class Item extends DurableObject {
  #waiting = [];
  constructor(ctx, env) {
    super(ctx, env);
    this.sql = ctx.storage.sql;
    this.sql.exec("CREATE TABLE IF NOT EXISTS orders (id TEXT PRIMARY KEY, n INT) WITHOUT ROWID");
    this.available = Number(env.STOCK) - this.kept("").sold;
  }
  kept(prefix) {
    const some = "SELECT id FROM orders WHERE id BETWEEN ? AND ?";
    const ids = this.sql.exec(some, prefix, `${prefix}~`).raw().toArray().flat();
    return { ids, ...this.sql.exec("SELECT coalesce(sum(n), 0) AS sold FROM orders").one() };
  }
  buy(shopper, quantity) {
    if (this.#waiting.length === 0) setTimeout(() => this.#flush(), 0);
    return new Promise((resolve) => this.#waiting.push([shopper, quantity, resolve]));
  }
  #flush() {
    const batch = this.#waiting.splice(0);
    const told = this.ctx.storage.transactionSync(() => batch.map((entry) => this.#write(entry)));
    for (const [index, [, , resolve]] of batch.entries()) resolve(told[index]);
  }
  #write([shopper, quantity]) {
    if (quantity > this.available) return false;
    const insert = "INSERT INTO orders VALUES (?, ?) ON CONFLICT DO NOTHING";
    if (this.sql.exec(insert, shopper, quantity).rowsWritten > 0) this.available -= quantity;
    return true;
  }
}
