import { bigserial, integer, pgTable, text } from "drizzle-orm/pg-core";

/** The tables as the ORM knows them. */
export const orders = pgTable("orders", {
  id: text("id").primaryKey(),
  shopper: text("shopper").notNull(),
  sku: text("sku").notNull(),
  quantity: integer("quantity").notNull(),
});
export const units = pgTable("units", {
  id: bigserial("id", { mode: "number" }).primaryKey(),
  sku: text("sku").notNull(),
  orderId: text("order_id"),
});
export const outbox = pgTable("outbox", {
  id: bigserial("id", { mode: "number" }).primaryKey(),
  orderId: text("order_id").notNull(),
});
export const line = pgTable("line", {
  number: bigserial("number", { mode: "number" }).primaryKey(),
  shopper: text("shopper").notNull(),
});
export const sale = pgTable("sale", { id: integer("id").primaryKey(), cursor: integer("cursor") });
