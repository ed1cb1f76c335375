import { beforeEach, describe, expect, it } from "vitest";
import { initialControls, QUEUE_DEFAULTS } from "../../../domain/queue/settings.ts";
import { openPass } from "../../../domain/token.ts";
import {
  FakeGateway,
  grantedAnswer,
  NOON_MS,
  placeAnswer,
  sampleBoard,
  type Answer,
} from "../testing/fake-gateway.ts";

const PATH = "/api/v1/sales/drop/queue";
const SESSION_MS = QUEUE_DEFAULTS.sessionDurationSeconds * 1_000;

let gateway: FakeGateway;

beforeEach(() => {
  gateway = new FakeGateway();
  gateway.board = sampleBoard({ cursor: 1 });
});

function laneCalls(): string[] {
  return gateway.calls.filter((call) => call.startsWith("lane"));
}

describe("a session", () => {
  let headers: Record<string, string>;

  beforeEach(async () => {
    headers = {
      "Queue-Ticket": gateway.ticket("g_ann"),
      "Queue-Pass": gateway.pass("g_ann"),
      ...(await gateway.bearer("g_ann")),
    };
    gateway.onLane = () => grantedAnswer({ expiresAtMs: gateway.nowMs + SESSION_MS });
  });

  /** Looks at a moment after the pass was granted, at a board as of then. */
  function lookAfter(ms: number, changes: Parameters<typeof sampleBoard>[0] = {}): Promise<Answer> {
    gateway.nowMs = NOON_MS + ms;
    gateway.board = sampleBoard({ cursor: 1, asOfMs: gateway.nowMs, ...changes });
    return gateway.send("GET", PATH, { headers });
  }

  it("is renewed by a look that says who it is, from the middle on", async () => {
    const first = await lookAfter(SESSION_MS / 2 - 1);
    expect([first.body["pass"], laneCalls()]).toEqual([headers["Queue-Pass"], []]);
    const { body, headers: sent } = await lookAfter(SESSION_MS / 2);
    const pass = openPass(gateway.keyring, String(body["pass"]));
    expect(pass).toMatchObject({ claimedAtMs: NOON_MS, expiresAtMs: gateway.nowMs + SESSION_MS });
    expect(body["passExpiresAt"]).toBe(new Date(gateway.nowMs + SESSION_MS).toISOString());
    expect(sent.getSetCookie().join()).toContain("__Host-p-drop=");
    expect(laneCalls()).toEqual([expect.stringContaining("renew")]);
  });

  it("is left alone by a page that only looks", async () => {
    const { Authorization: _bearer, ...anonymous } = headers;
    headers = anonymous;
    const { body } = await lookAfter(SESSION_MS - 1);
    expect([body["pass"], laneCalls()]).toEqual([headers["Queue-Pass"], []]);
  });

  it("ends when it was said to where it is fixed", async () => {
    const controls = { ...initialControls(QUEUE_DEFAULTS), disableSessionRenewal: true };
    const { body } = await lookAfter(SESSION_MS - 1, { controls });
    expect([body["state"], body["pass"]]).toEqual(["admitted", headers["Queue-Pass"]]);
    expect((await lookAfter(SESSION_MS, { controls })).body["state"]).toBe("expired");
    expect(laneCalls()).toEqual([]);
  });

  it("is not renewed once it is over, nor for who was sent away", async () => {
    const revoked = await lookAfter(SESSION_MS - 5_000, { revoked: [1] });
    expect(revoked.body).toMatchObject({ state: "closed", reason: "revoked" });
    expect(laneCalls()).toEqual([]);
    gateway.onLane = () => grantedAnswer();
    expect((await lookAfter(SESSION_MS)).body["state"]).toBe("expired");
    expect(laneCalls()).toEqual([expect.stringContaining("claim")]);
  });

  it("goes on for who has an older pass: another device renewed it, or the answer was lost", async () => {
    gateway.onLane = () => grantedAnswer({ expiresAtMs: NOON_MS + SESSION_MS + 60_000 });
    const { body } = await lookAfter(SESSION_MS);
    const passExpiresAt = new Date(NOON_MS + SESSION_MS + 60_000).toISOString();
    expect(body).toMatchObject({ state: "admitted", passExpiresAt });
    const { Authorization: _bearer, ...anonymous } = headers;
    headers = anonymous;
    expect((await lookAfter(SESSION_MS)).body["state"]).toBe("expired");
  });
});

describe("who hears by a socket of a newer board than polls are answered from", () => {
  const RECENT = { cursor: 7 };

  it("claims by saying who they are, if the line may have reached them", async () => {
    gateway.board = sampleBoard(RECENT);
    gateway.onLane = () => grantedAnswer({ number: 9 });
    const ticket = { "Queue-Ticket": gateway.ticket("g_ann", { number: 9 }) };
    const plain = await gateway.send("GET", PATH, { headers: ticket });
    expect([plain.body["state"], laneCalls()]).toEqual(["waiting", []]);
    const headers = { ...ticket, ...(await gateway.bearer("g_ann")) };
    expect((await gateway.send("GET", PATH, { headers })).body["state"]).toBe("admitted");
  });

  it("and not if it cannot have come so far", async () => {
    gateway.board = sampleBoard(RECENT);
    const headers = {
      "Queue-Ticket": gateway.ticket("g_ann", { number: 99 }),
      ...(await gateway.bearer("g_ann")),
    };
    expect((await gateway.send("GET", PATH, { headers })).body["state"]).toBe("waiting");
    expect(laneCalls()).toEqual([]);
  });
});

describe("a claim", () => {
  it("is not held while the line stands", async () => {
    const headers = { "Queue-Ticket": gateway.ticket("g_ann"), ...(await gateway.bearer("g_ann")) };
    const look = () => gateway.send("GET", PATH, { headers });
    gateway.board = sampleBoard({ cursor: 1, state: "paused" });
    expect((await look()).body).toMatchObject({ state: "waiting", paused: true });
    expect(laneCalls()).toEqual([expect.stringMatching(/claim halted$/)]);
    gateway.nowMs += 2_000;
    gateway.board = sampleBoard({ cursor: 1 });
    await look();
    expect(laneCalls().at(-1)).toMatch(/claim$/);
  });
});

describe("coming back", () => {
  async function join(): Promise<Answer> {
    return gateway.send("POST", PATH, { headers: await gateway.bearer("g_ann"), json: {} });
  }

  it.each([
    ["lapsed", placeAnswer({ state: "lapsed" })],
    ["expired", grantedAnswer({ expiresAtMs: NOON_MS })],
  ])(
    "to a place that has %s is told as it is, where everyone has one turn",
    async (state, answer) => {
      gateway.onLane = () => answer;
      const { body, status } = await join();
      expect(status).toBe(200);
      expect(body).toMatchObject({
        state,
        number: 1,
        ticket: gateway.ticket("g_ann", { lane: 0 }),
      });
    },
  );

  it("to a place that was taken back is told so, whether the board shows it or not", async () => {
    gateway.onLane = () => placeAnswer({ state: "revoked" });
    expect((await join()).body).toMatchObject({ state: "closed", reason: "revoked", ahead: null });
  });

  it("by way of leaving is closed to who was sent away", async () => {
    const headers = { "Queue-Ticket": gateway.ticket("g_ann") };
    gateway.board = sampleBoard({ cursor: 1, revoked: [1] });
    expect((await gateway.send("DELETE", PATH, { headers })).status).toBe(204);
    expect(laneCalls()).toEqual([]);
    gateway.nowMs += 2_000;
    gateway.board = sampleBoard({ cursor: 1 });
    expect((await gateway.send("DELETE", PATH, { headers })).status).toBe(204);
    expect(laneCalls()).toHaveLength(1);
  });
});
