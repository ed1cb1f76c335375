import { DurableObject } from "cloudflare:workers";

/**
 * As tutorials have it: one object for all of a shop, asked by every request, which reads, decides and
 * writes in a transaction of its own.
 */
export class NaiveShop extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    this.sql = ctx.storage.sql;
    this.sql.exec("CREATE TABLE IF NOT EXISTS stock (sku TEXT PRIMARY KEY, available INTEGER)");
    this.sql.exec("CREATE TABLE IF NOT EXISTS orders (id TEXT PRIMARY KEY, quantity INTEGER)");
    const line =
      "CREATE TABLE IF NOT EXISTS line (number INTEGER PRIMARY KEY, shopper TEXT UNIQUE)";
    this.sql.exec(line);
    this.sql.exec("CREATE TABLE IF NOT EXISTS cursor (admitted INTEGER)");
    const stock = "INSERT INTO stock VALUES ('phone', ?), ('gone', 0) ON CONFLICT DO NOTHING";
    this.sql.exec(stock, Number(env.STOCK));
  }
  async buy(shopper, sku, quantity) {
    return this.ctx.storage.transactionSync(() => {
      const { available } = this.#stock(sku);
      const bought = this.sql.exec("SELECT quantity FROM orders WHERE id = ?", shopper).toArray();
      if (bought.length > 0) return true;
      if (available < quantity) return false;
      this.sql.exec("UPDATE stock SET available = available - ? WHERE sku = ?", quantity, sku);
      this.sql.exec("INSERT INTO orders VALUES (?, ?)", shopper, quantity);
      return true;
    });
  }
  async join(shopper) {
    return this.ctx.storage.transactionSync(() => {
      const mine = "SELECT number FROM line WHERE shopper = ?";
      const [place] = this.sql.exec(mine, shopper).toArray();
      if (place) return place.number;
      const insert = "INSERT INTO line (shopper) VALUES (?) RETURNING number";
      return this.sql.exec(insert, shopper).one().number;
    });
  }
  /** How many are ahead of a number, which tokens of the comparison carry at their end. */
  async ahead(shopper) {
    const number = Number(shopper.slice(shopper.lastIndexOf("-") + 1));
    const { admitted } = this.sql.exec("SELECT max(admitted) AS admitted FROM cursor").one();
    return number - (admitted ?? 0);
  }
  async status() {
    return this.#stock("phone");
  }
  /** What was written of `orders` or of the `line`, for the check after a run. */
  async kept(kind, prefix) {
    const [key, id] = kind === "orders" ? ["id", "id"] : ["shopper", "number"];
    const some = `SELECT ${id} FROM ${kind} WHERE ${key} BETWEEN ? AND ?`;
    const ids = this.sql.exec(some, prefix, `${prefix}~`).raw().toArray().flat();
    return { ids, ...this.sql.exec("SELECT coalesce(sum(quantity), 0) AS sold FROM orders").one() };
  }
  #stock(sku) {
    return this.sql.exec("SELECT available FROM stock WHERE sku = ?", sku).one();
  }
}
