import { describe, expect, it } from "vitest";
import { PROBLEMS, refuse } from "./problem.ts";

/** The contract's table of codes: clients are written against it. */
const CONTRACT: [status: number, codes: string[]][] = [
  [400, ["validation_failed", "idempotency_key_required"]],
  [401, ["unauthorized"]],
  [403, ["forbidden", "pass_required", "pass_expired", "pass_invalid", "ticket_invalid"]],
  [403, ["guest_not_allowed"]],
  [404, ["not_found"]],
  [409, ["sold_out", "limit_reached", "sale_not_started", "sale_ended", "sale_paused"]],
  [409, ["order_state_conflict"]],
  [413, ["body_too_large"]],
  [415, ["unsupported_media_type"]],
  [422, ["idempotency_conflict"]],
  [429, ["rate_limited"]],
  [503, ["busy"]],
];

describe("problems", () => {
  it.each(CONTRACT)("status %i: %j", (status, codes) => {
    for (const code of codes) expect(PROBLEMS).toHaveProperty([code, "status"], status);
  });

  it("each say what happened in a title of their own", () => {
    const titles = Object.values(PROBLEMS).map(({ title }) => title);
    expect(new Set(titles).size).toBe(titles.length);
  });

  it("become refusals with the fields that their code needs", () => {
    expect(refuse("not_found")).toEqual({ ok: false, code: "not_found" });
    expect(refuse("limit_reached", { limit: 1, held: 1, bought: 0 })).toEqual({
      ok: false,
      code: "limit_reached",
      limit: 1,
      held: 1,
      bought: 0,
    });
  });
});
