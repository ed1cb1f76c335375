import { DurableObject } from "cloudflare:workers";

/** As tutorials have it: each request reads, decides and writes, in a transaction of its own. */
export class NaiveItem extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    this.sql = ctx.storage.sql;
    this.sql.exec("CREATE TABLE IF NOT EXISTS stock (id INTEGER PRIMARY KEY, available INTEGER)");
    this.sql.exec("CREATE TABLE IF NOT EXISTS orders (id TEXT PRIMARY KEY, quantity INTEGER)");
    this.sql.exec("INSERT INTO stock VALUES (1, ?) ON CONFLICT DO NOTHING", Number(env.STOCK));
  }
  async buy(shopper, quantity) {
    return this.ctx.storage.transactionSync(() => {
      const { available } = this.sql.exec("SELECT available FROM stock WHERE id = 1").one();
      const bought = this.sql.exec("SELECT quantity FROM orders WHERE id = ?", shopper).toArray();
      if (bought.length > 0) return true;
      if (available < quantity) return false;
      this.sql.exec("UPDATE stock SET available = available - ? WHERE id = 1", quantity);
      this.sql.exec("INSERT INTO orders VALUES (?, ?)", shopper, quantity);
      return true;
    });
  }
  async kept(prefix) {
    const some = "SELECT id FROM orders WHERE id BETWEEN ? AND ?";
    const ids = this.sql.exec(some, prefix, `${prefix}~`).raw().toArray().flat();
    return { ids, ...this.sql.exec("SELECT sum(quantity) AS sold FROM orders").one() };
  }
}
