// What the harness tells a peer: where it listens, where its stores are, who signs, how much there is.
const number = (name) => Number(process.env[name] ?? 0);

export const port = number("PORT");
export const secret = process.env.SECRET ?? "";
export const stock = number("STOCK");
export const redisAt = { host: "127.0.0.1", port: number("REDIS_PORT") };
export const postgresAt = {
  host: "127.0.0.1",
  port: number("POSTGRES_PORT"),
  user: "postgres",
  database: "postgres",
};
/** The item that is sold, and one of which nothing is left. */
export const SKUS = { phone: stock, gone: 0 };
