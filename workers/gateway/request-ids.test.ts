import { expect, it } from "vitest";
import { systemRuntime } from "../../durable-objects/runtime.ts";
import { RequestIds } from "./request-ids.ts";

it("every request has another id, beyond those that are drawn at once", () => {
  const ids = new RequestIds(systemRuntime);
  const given = Array.from({ length: 1_000 }, () => ids.next());
  expect(new Set(given).size).toBe(1_000);
  expect(given.every((id) => /^[A-Za-z0-9_-]{16}$/.test(id))).toBe(true);
});
