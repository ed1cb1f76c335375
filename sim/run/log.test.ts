import { describe, expect, it } from "vitest";
import { infrastructureError, objectReset } from "../platform/network.ts";
import { ownErrorIn } from "./log.ts";

describe("the product's log", () => {
  it("tells of errors that are the product's own, and of no others", () => {
    const bug = new TypeError("order is null");
    expect(ownErrorIn({ event: "cron.failed", error: String(bug) })).toBe(
      "cron.failed: TypeError: order is null",
    );
    for (const error of [infrastructureError("D1_ERROR: internal error"), objectReset()])
      expect(ownErrorIn({ event: "cron.failed", error: String(error) })).toBeNull();
    expect(ownErrorIn({ event: "breaker.opened", untilMs: 7 })).toBeNull();
    expect(ownErrorIn({ event: "books.reconciled", error: "orders o is not there" })).toBeNull();
    expect(ownErrorIn("text")).toBeNull();
  });
});
