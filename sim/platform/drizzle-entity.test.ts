import { Column, entityKind, is as drizzleIs, Param, SQL, sql, Table } from "drizzle-orm";
import { SQLiteColumn, SQLiteTable, SQLiteText } from "drizzle-orm/sqlite-core";
import { expect, it } from "vitest";
import { orders } from "../../d1/schema.ts";
import { is } from "./drizzle-entity.ts";

it("says of every part what Drizzle says, the first time and after it", () => {
  class OtherCopy {
    static readonly [entityKind] = "SQL";
    readonly part = "a";
  }
  const values = [
    null,
    1,
    {},
    [],
    sql`a ${1}`,
    ...sql`a`.queryChunks,
    new Param(1),
    orders,
    orders.sku,
    orders.version,
    new OtherCopy(),
  ];
  const classes = [SQL, Param, Table, SQLiteTable, Column, SQLiteColumn, SQLiteText];
  for (const value of [...values, ...values])
    for (const type of classes) expect(is(value, type)).toBe(drizzleIs(value, type));
  expect(values.map((value) => is(value, SQL)).filter(Boolean)).toHaveLength(2);
});
