import { expect, it } from "vitest";
import { refuse } from "../../../domain/problem.ts";
import { ADMIN_TOKEN, FakeGateway } from "../testing/fake-gateway.ts";

const PATH = "/api/v1/admin/rebuild";
const headers = { Authorization: `Bearer ${ADMIN_TOKEN}` };
const DONE = { phase: "read", read: 7, tables: [] };

it("does a rebuild's steps one after the other, for admins alone", async () => {
  const gateway = new FakeGateway();
  const asked: unknown[][] = [];
  gateway.onBooks = (method, args) => {
    asked.push([method, ...args]);
    if (args[0] === "stale") return refuse("validation_failed");
    return { ok: true, step: { ...DONE, cursor: args[0] === null ? "next" : null } };
  };
  const post = async (json: object, as: Record<string, string> = headers) => {
    const { status, body } = await gateway.send("POST", PATH, { headers: as, json });
    return [status, body];
  };
  expect(await post({})).toEqual([200, { ...DONE, cursor: "next" }]);
  expect(await post({ cursor: "next", restore: true })).toEqual([200, DONE]);
  expect((await post({ cursor: "stale" }))[0]).toBe(400);
  expect((await post({}, await gateway.bearer("u_bea", ["operator"])))[0]).toBe(403);
  const by = { actor: "staff:admin-token" };
  expect(asked).toMatchObject([
    ["rebuild", null, false, by],
    ["rebuild", "next", true, by],
    ["rebuild", "stale", false, by],
  ]);
});
