import { expect, test } from "vitest";
import type { AdminOrder } from "../contract.ts";
import { orderOf } from "../testing/orders.ts";
import { ToldOrders } from "./told-orders.ts";

const order = (version: number, orderId = "o1"): AdminOrder => orderOf({ orderId, version });

test("a list that is behind shows what a command was answered, until it has caught up", () => {
  const told = new ToldOrders();
  told.tell(order(5));
  const versions = (listed: AdminOrder[]) => told.freshen(listed).map(({ version }) => version);
  expect(versions([order(4), order(1, "o2")])).toEqual([5, 1]);
  expect(versions([order(6)])).toEqual([6]);
});

test("only the newest answers are kept", () => {
  const told = new ToldOrders();
  for (let answer = 0; answer <= 100; answer += 1) {
    told.tell(order(2, `o${answer}`));
  }
  const listed = ["o0", "o1", "o100"].map((id) => order(1, id));
  expect(told.freshen(listed).map(({ version }) => version)).toEqual([1, 2, 2]);
});
