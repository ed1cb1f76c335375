import { beforeEach, describe, expect, it } from "vitest";
import { initialControls, QUEUE_DEFAULTS } from "../../../domain/queue/settings.ts";
import { ADMIN_TOKEN, FakeGateway, sampleBoard, sampleSale } from "../testing/fake-gateway.ts";

const API = "/api/v1/admin";
const headers = { Authorization: `Bearer ${ADMIN_TOKEN}` };

let gateway: FakeGateway;

beforeEach(() => {
  gateway = new FakeGateway();
});

describe("leading a line", () => {
  it("changes what the body names, says who did it and why, and shows the line as it is now", async () => {
    let seen: unknown[] = [];
    gateway.onAdjust = (...args) => {
      seen = args;
      gateway.board = sampleBoard({
        controls: { ...initialControls(QUEUE_DEFAULTS), newUsersPerMinute: 30, message: "Slower." },
      });
      return { ok: true };
    };
    const bearer = await gateway.bearer("u_bea", ["operator"]);
    const json = { newUsersPerMinute: 30, message: "Slower.", reason: "The checkout is slow." };
    const answer = await gateway.send("PATCH", `${API}/sales/drop/queue`, {
      headers: bearer,
      json,
    });
    expect(answer.status).toBe(200);
    expect(answer.body["queue"]).toMatchObject({ newUsersPerMinute: 30, message: "Slower." });
    expect(seen).toEqual([
      "drop",
      { newUsersPerMinute: 30, message: "Slower." },
      expect.objectContaining({ actor: "staff:u_bea", reason: "The checkout is slow." }),
    ]);
  });

  it("takes a message away with null, and changes nothing that is left out", async () => {
    let changes: unknown;
    gateway.onAdjust = (_, given) => {
      changes = given;
      return { ok: true };
    };
    await gateway.send("PATCH", `${API}/sales/drop/queue`, { headers, json: { message: null } });
    expect(changes).toEqual({ message: null });
  });

  it.each([
    [{ newUsersPerMinute: 0 }, "newUsersPerMinute"],
    [{ totalActiveUsers: 1.5 }, "totalActiveUsers"],
    [{ sessionDurationSeconds: 0 }, "sessionDurationSeconds"],
    [{ queueAll: "yes" }, "queueAll"],
    [{ message: "x".repeat(2_001) }, "message"],
    [{ reason: "" }, "reason"],
  ])("refuses %j", async (json, path) => {
    const answer = await gateway.send("PATCH", `${API}/sales/drop/queue`, { headers, json });
    expect(answer.status).toBe(400);
    expect(answer.body["errors"]).toMatchObject([{ path }]);
    expect(gateway.calls).not.toContain("adjust");
  });

  it("takes a place back, by number and with a reason", async () => {
    let seen: unknown[] = [];
    gateway.onPurchase = (method, args) => {
      seen = [method, ...args];
      return { ok: true, sale: sampleSale() };
    };
    const path = `${API}/sales/drop/queue/revoke`;
    const json = { number: 7, reason: "A bot." };
    expect((await gateway.send("POST", path, { headers, json })).status).toBe(200);
    const by = expect.objectContaining({ actor: "staff:admin-token", reason: "A bot." });
    expect(seen).toEqual(["revokePlace", "drop", 7, by]);
    const bad = await gateway.send("POST", path, { headers, json: { number: 0 } });
    expect(bad.body["errors"]).toMatchObject([{ path: "number" }, { path: "reason" }]);
  });
});
