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

  it("brings the value that a draw waits for, and says who did it and whether it is missing", async () => {
    const named = { source: "drand", round: "4711" };
    const shuffle = {
      seedHash: "ab",
      seed: null,
      ends: [],
      closed: 7,
      drawsMax: 1,
      nextDrawAtMs: null,
      publicRandomness: { ...named, value: null as string | null },
    };
    gateway.sale.definition.queue = { ...QUEUE_DEFAULTS, publicRandomness: named };
    gateway.board = sampleBoard({ shuffle });
    const sales = await gateway.send("GET", `${API}/sales`, { headers });
    const publicRandomness = { ...named, value: null, isMissing: true };
    expect(sales.body["sales"]).toMatchObject([{ queue: { publicRandomness } }]);
    let seen: unknown[] = [];
    gateway.onRandomness = (...args) => {
      seen = args;
      const drawn = { ...shuffle, seed: "s", ends: [7], closed: null };
      const told = { ...drawn, publicRandomness: { ...named, value: "cafe" } };
      gateway.board = sampleBoard({ shuffle: told });
      return { ok: true };
    };
    const path = `${API}/sales/drop/queue/randomness`;
    const bearer = await gateway.bearer("u_bea", ["operator"]);
    const json = { value: " cafe\n", reason: "drand.love" };
    const answer = await gateway.send("POST", path, { headers: bearer, json });
    expect(answer.status).toBe(200);
    const brought = { ...named, value: "cafe", isMissing: false };
    expect(answer.body["queue"]).toMatchObject({ publicRandomness: brought });
    const by = expect.objectContaining({ actor: "staff:u_bea", reason: "drand.love" });
    expect(seen).toEqual(["drop", "cafe", by]);
  });

  it.each([
    [["viewer"], { value: "cafe" }, 403, "forbidden"],
    [["operator"], { value: " " }, 400, "validation_failed"],
    [["operator"], { value: "x".repeat(257) }, 400, "validation_failed"],
    [["operator"], {}, 400, "validation_failed"],
  ] as const)("refuses a value: %j %j", async (roles, json, status, code) => {
    const bearer = await gateway.bearer("u_bea", [...roles]);
    const path = `${API}/sales/drop/queue/randomness`;
    const answer = await gateway.send("POST", path, { headers: bearer, json });
    expect([answer.status, answer.body["code"]]).toEqual([status, code]);
    expect(gateway.calls).not.toContain("bring randomness");
  });

  it.each([
    ["order_state_conflict", 409],
    ["sale_not_started", 409],
    ["not_found", 404],
  ] as const)("passes on that a value is refused: %s", async (code, status) => {
    gateway.onRandomness = () => ({ ok: false, code });
    const path = `${API}/sales/drop/queue/randomness`;
    const answer = await gateway.send("POST", path, { headers, json: { value: "cafe" } });
    expect([answer.status, answer.body["code"]]).toEqual([status, code]);
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
