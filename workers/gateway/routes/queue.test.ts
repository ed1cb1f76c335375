import { beforeEach, describe, expect, it, vi } from "vitest";
import { initialControls, QUEUE_DEFAULTS } from "../../../domain/queue/settings.ts";
import { openPass, openTicket } from "../../../domain/token.ts";
import {
  FakeGateway,
  grantedAnswer,
  NOON_MS,
  objectReset,
  ORIGIN,
  overloaded,
  placeAnswer,
  refusal,
  sampleBoard,
  type Answer,
} from "../testing/fake-gateway.ts";

const PATH = "/api/v1/sales/drop/queue";

let gateway: FakeGateway;

beforeEach(() => {
  gateway = new FakeGateway();
  vi.spyOn(console, "warn").mockImplementation(() => {});
});

/** The calls to lanes alone. */
function laneCalls(): string[] {
  return gateway.calls.filter((call) => call.startsWith("lane"));
}

async function join(subject = "g_ann"): Promise<Answer> {
  return gateway.send("POST", PATH, { headers: await gateway.bearer(subject), json: {} });
}

function poll(headers: Record<string, string>): Promise<Answer> {
  return gateway.send("GET", PATH, { headers });
}

describe("joining", () => {
  it("gives a ticket of the lane's number: 201 the first time, 200 after", async () => {
    gateway.onLane = () => placeAnswer({ first: true, lane: 3, number: 7 });
    const first = await join();
    expect(first.status).toBe(201);
    expect(first.body).toMatchObject({ state: "waiting", number: 7, ahead: 6 });
    const ticket = openTicket(gateway.keyring, String(first.body["ticket"]));
    expect(ticket).toMatchObject({ saleId: "drop", lane: 3, number: 7, arrivedAtMs: NOON_MS });
    gateway.onLane = () => placeAnswer({ first: false, lane: 3, number: 7 });
    const again = await join();
    expect(again.status).toBe(200);
    expect(again.body["ticket"]).toBe(first.body["ticket"]);
  });

  it("goes to one lane for one shopper", async () => {
    await join();
    await join();
    expect(new Set(laneCalls()).size).toBe(1);
  });

  it("gives the pass of a place that was granted already", async () => {
    gateway.onLane = () => grantedAnswer();
    const { body } = await join();
    expect(body).toMatchObject({ state: "admitted" });
    expect(openPass(gateway.keyring, String(body["pass"]))).toMatchObject({ number: 1 });
  });

  it.each([
    ["scheduled", 409, "sale_not_started"],
    ["ended", 409, "sale_ended"],
    ["draft", 404, "not_found"],
    ["prequeue", 200, undefined],
    ["paused", 200, undefined],
    ["sold_out", 200, undefined],
  ] as const)("a sale that is %s answers %i %s", async (state, status, code) => {
    gateway.board = sampleBoard({ state });
    const answer = await join();
    expect(answer.status).toBe(status);
    expect(answer.body["code"]).toBe(code);
    expect(laneCalls()).toHaveLength(status === 200 ? 1 : 0);
    if (code === "sale_not_started")
      expect(answer.body["startsAt"]).toBe(new Date(NOON_MS + 3_600_000).toISOString());
  });

  it("needs an access token, before anything is looked up", async () => {
    const answer = await gateway.send("POST", PATH, { json: {} });
    expect(answer.status).toBe(401);
    expect(answer.headers.get("WWW-Authenticate")).toBe('Bearer realm="ropeline"');
    expect(gateway.calls).toEqual([]);
  });

  it("knows neither unknown sales nor drafts, and calls no object for them", async () => {
    const headers = await gateway.bearer("g_ann");
    const unknown = await gateway.send("POST", "/api/v1/sales/nope/queue", { headers, json: {} });
    expect(unknown.status).toBe(404);
    await gateway.send("POST", "/api/v1/sales/nope/queue", { headers, json: {} });
    expect(gateway.calls).toEqual(["purchase sale"]);
    const unspeakable = "/api/v1/sales/no%20such%20id/queue";
    expect((await gateway.send("POST", unspeakable, { headers, json: {} })).status).toBe(404);
    expect(gateway.calls).toEqual(["purchase sale"]);
    gateway = new FakeGateway();
    gateway.sale.control.mode = "draft";
    expect((await join()).status).toBe(404);
    expect(gateway.calls).toEqual(["purchase sale"]);
  });

  it("gives nobody a place where the sale rejects, and calls no object", async () => {
    gateway.sale.definition.queue = { ...QUEUE_DEFAULTS, queueingMethod: "reject" };
    gateway.board = sampleBoard({
      controls: { ...initialControls(QUEUE_DEFAULTS), message: "Come to the shop." },
    });
    const { status, body } = await join();
    expect(status).toBe(200);
    expect(body).toMatchObject({ state: "closed", reason: "rejected", number: null });
    expect(body).toMatchObject({ message: "Come to the shop." });
    expect(body["ticket"]).toBeUndefined();
    expect(laneCalls()).toEqual([]);
  });

  it("tells the lane that the line is draining: who has a place gets it", async () => {
    gateway.board = sampleBoard({
      controls: { ...initialControls(QUEUE_DEFAULTS), draining: true },
    });
    gateway.onLane = () => refusal("sale_ended");
    expect((await join()).body["code"]).toBe("sale_ended");
    expect(laneCalls()).toHaveLength(1);
  });

  it("refuses guests where a sale wants accounts", async () => {
    gateway.sale.definition.allowGuests = false;
    expect((await join("g_ann")).body["code"]).toBe("guest_not_allowed");
    expect((await join("u_bea")).status).toBe(200);
  });

  it("passes on that the lane is busy, repeats a call that was lost, once", async () => {
    gateway.onLane = () => refusal("busy", { retryAfterSeconds: 1 });
    const busy = await join();
    expect(busy.status).toBe(503);
    expect(busy.headers.get("Retry-After")).toBe("1");
    gateway.calls = [];
    gateway.onLane = () => objectReset();
    expect((await join()).body["code"]).toBe("busy");
    expect(laneCalls()).toHaveLength(2);
    gateway.calls = [];
    gateway.onLane = () => overloaded();
    expect((await join()).body["code"]).toBe("busy");
    expect(laneCalls()).toHaveLength(1);
  });
});

describe("polling", () => {
  it("answers a waiting ticket from the board: no object, no catalogue", async () => {
    const headers = { "Queue-Ticket": gateway.ticket("g_ann", { number: 5 }) };
    await poll(headers);
    gateway.calls = [];
    for (let turn = 0; turn < 100; turn += 1) {
      const { status, body } = await poll(headers);
      expect(status).toBe(200);
      expect(body).toMatchObject({ state: "waiting", number: 5, ahead: 4 });
    }
    expect(gateway.calls).toEqual([]);
  });

  it("reads the board at most twice a second, however many poll", async () => {
    const headers = { "Queue-Ticket": gateway.ticket("g_ann", { number: 5 }) };
    for (let turn = 0; turn < 100; turn += 1) {
      gateway.nowMs = NOON_MS + turn * 100;
      gateway.board = sampleBoard({ asOfMs: gateway.nowMs });
      await poll(headers);
    }
    expect(gateway.calls.length).toBeLessThanOrEqual(20);
    expect(gateway.calls.length).toBeGreaterThan(10);
  });

  it("stands by the last board while the line does not answer, and lets nobody claim by an old one", async () => {
    const headers = { "Queue-Ticket": gateway.ticket("g_ann", { number: 5 }) };
    await poll(headers);
    gateway.board = overloaded();
    gateway.nowMs = NOON_MS + 9_000;
    expect((await poll(headers)).body).toMatchObject({ state: "waiting", ahead: 4 });
    gateway.nowMs = NOON_MS + 60_000;
    expect((await poll(headers)).body).toMatchObject({ state: "waiting", ahead: 4 });
    gateway.nowMs = NOON_MS + 11 * 60_000;
    const tooOld = await poll(headers);
    expect(tooOld.status).toBe(503);
    expect(tooOld.body["code"]).toBe("busy");
    expect(tooOld.headers.get("Retry-After")).toBe("1");
  });

  it("judges start and end by the clock, not by the age of the board", async () => {
    const startsAtMs = NOON_MS + 200;
    gateway.board = sampleBoard({ state: "prequeue", startsAtMs });
    const headers = { "Queue-Ticket": gateway.ticket("g_ann", { number: 5 }) };
    expect((await poll(headers)).body["state"]).toBe("early");
    gateway.nowMs = NOON_MS + 300;
    expect((await poll(headers)).body["state"]).toBe("waiting");
  });

  it("claims for an invited shopper who says who they are", async () => {
    gateway.board = sampleBoard({ cursor: 1 });
    gateway.onLane = () => grantedAnswer();
    const ticket = gateway.ticket("g_ann");
    const anonymous = await poll({ "Queue-Ticket": ticket });
    expect(anonymous.status).toBe(401);
    expect(laneCalls()).toEqual([]);
    const headers = { "Queue-Ticket": ticket, ...(await gateway.bearer("g_ann")) };
    const { body } = await poll(headers);
    expect(body).toMatchObject({ state: "admitted", ahead: 0, reason: null });
    expect(body["pass"]).toBe(gateway.pass("g_ann"));
    expect(body["passExpiresAt"]).toBe(new Date(NOON_MS + 300_000).toISOString());
    expect((await poll(headers)).body["pass"]).toBe(body["pass"]);
    expect(laneCalls()).toHaveLength(2);
  });

  it("lets a shopper with a pass look again without any call, also when all is sold", async () => {
    gateway.board = sampleBoard({ cursor: 1 });
    const headers = {
      "Queue-Ticket": gateway.ticket("g_ann"),
      "Queue-Pass": gateway.pass("g_ann"),
    };
    expect((await poll(headers)).body).toMatchObject({
      state: "admitted",
      pass: headers["Queue-Pass"],
    });
    gateway.nowMs = NOON_MS + 2_000;
    const levels = [{ sku: "phone-1", stock: 5, available: 0, held: 0, sold: 5 }];
    gateway.board = sampleBoard({ cursor: 1, state: "sold_out", levels });
    expect((await poll(headers)).body).toMatchObject({ state: "admitted", reason: "sold_out" });
    expect(laneCalls()).toEqual([]);
  });

  it("does not stop those inside while all others are held in line", async () => {
    const controls = { ...initialControls(QUEUE_DEFAULTS), queueAll: true };
    gateway.board = sampleBoard({ cursor: 1, controls });
    const headers = {
      "Queue-Ticket": gateway.ticket("g_ann"),
      "Queue-Pass": gateway.pass("g_ann"),
    };
    expect((await poll(headers)).body).toMatchObject({ state: "admitted", paused: false });
    const waiting = { "Queue-Ticket": gateway.ticket("g_bob", { number: 2 }) };
    expect((await poll(waiting)).body).toMatchObject({ state: "waiting", paused: true });
  });

  it("says that a pass has expired, and that a sale has ended", async () => {
    gateway.board = sampleBoard({ cursor: 1 });
    const headers = {
      "Queue-Ticket": gateway.ticket("g_ann"),
      "Queue-Pass": gateway.pass("g_ann", { expiresAtMs: NOON_MS }),
    };
    expect((await poll(headers)).body).toMatchObject({ state: "expired", ahead: null });
    gateway.nowMs = NOON_MS + 2_000;
    gateway.board = sampleBoard({ cursor: 1, state: "ended" });
    expect((await poll(headers)).body).toMatchObject({ state: "closed", reason: "ended" });
  });

  it("says that a place was taken back, whatever pass the shopper holds", async () => {
    gateway.board = sampleBoard({ cursor: 1, revoked: [1] });
    gateway.onLane = () => grantedAnswer();
    const headers = {
      "Queue-Ticket": gateway.ticket("g_ann"),
      "Queue-Pass": gateway.pass("g_ann"),
    };
    const revoked = { state: "closed", reason: "revoked" };
    expect((await poll(headers)).body).toMatchObject(revoked);
    const joined = await join();
    expect(joined.body).toMatchObject(revoked);
    expect(joined.body["pass"]).toBeUndefined();
    expect(laneCalls()).toHaveLength(1);
  });

  it("takes a pass that is not of this place for none", async () => {
    gateway.board = sampleBoard({ cursor: 1 });
    gateway.onLane = () => grantedAnswer();
    const own = { "Queue-Ticket": gateway.ticket("g_ann"), ...(await gateway.bearer("g_ann")) };
    for (const pass of [
      gateway.pass("g_bob"),
      gateway.pass("g_ann", { number: 2 }),
      gateway.pass("g_ann", { saleId: "other" }),
      "v1.new.forged.pass",
    ]) {
      const { body } = await poll({ ...own, "Queue-Pass": pass });
      expect(body["pass"]).toBe(gateway.pass("g_ann"));
    }
    expect(laneCalls()).toHaveLength(4);
  });

  it.each([
    ["placed", { state: "waiting", ahead: 0, pollAfterMs: 250 }],
    ["lapsed", { state: "lapsed", ahead: null }],
    ["left", { state: "left", ahead: null }],
  ] as const)("an invited place that is %s", async (state, expected) => {
    gateway.board = sampleBoard({ cursor: 1 });
    gateway.onLane = () => placeAnswer({ state });
    const headers = { "Queue-Ticket": gateway.ticket("g_ann"), ...(await gateway.bearer("g_ann")) };
    expect((await poll(headers)).body).toMatchObject(expected);
  });

  it("says so when the granted time has passed", async () => {
    gateway.board = sampleBoard({ cursor: 1 });
    gateway.onLane = () => grantedAnswer({ expiresAtMs: NOON_MS });
    const headers = { "Queue-Ticket": gateway.ticket("g_ann"), ...(await gateway.bearer("g_ann")) };
    const { body } = await poll(headers);
    expect(body["state"]).toBe("expired");
    expect(body["pass"]).toBeUndefined();
  });

  it("brings an old ticket up to date when the shopper has joined anew elsewhere", async () => {
    gateway.board = sampleBoard({ cursor: 1 });
    gateway.onLane = () => placeAnswer({ number: 9 });
    const headers = { "Queue-Ticket": gateway.ticket("g_ann"), ...(await gateway.bearer("g_ann")) };
    const { body, headers: sent } = await poll(headers);
    expect(body).toMatchObject({ state: "waiting", number: 9, ahead: 7 });
    expect(openTicket(gateway.keyring, String(body["ticket"]))).toMatchObject({ number: 9 });
    expect(sent.getSetCookie().join()).toContain("__Host-t-drop=");
  });

  it("refuses tickets that are missing, changed, or of another sale or shopper", async () => {
    const ticket = gateway.ticket("g_ann");
    const bob = await gateway.bearer("g_bob");
    const headersOf: Record<string, string>[] = [
      {},
      { "Queue-Ticket": "" },
      { "Queue-Ticket": `${ticket.slice(0, -1)}${ticket.endsWith("A") ? "B" : "A"}` },
      { "Queue-Ticket": `${ticket}=` },
      { "Queue-Ticket": gateway.ticket("g_ann", { saleId: "other" }) },
      { "Queue-Ticket": gateway.pass("g_ann") },
      { "Queue-Ticket": ticket, ...bob },
    ];
    for (const headers of headersOf) {
      const answer = await poll(headers);
      expect([answer.status, answer.body["code"]]).toEqual([403, "ticket_invalid"]);
    }
    expect(laneCalls()).toEqual([]);
  });

  it("refuses an access token that is not valid, though a waiting poll needs none", async () => {
    const headers = { "Queue-Ticket": gateway.ticket("g_ann"), Authorization: "Bearer forged" };
    expect((await poll(headers)).status).toBe(401);
  });

  it("says that an unknown sale is unknown, whatever the ticket", async () => {
    const headers = { "Queue-Ticket": gateway.ticket("g_ann") };
    expect((await gateway.send("GET", "/api/v1/sales/nope/queue", { headers })).status).toBe(404);
  });
});

describe("leaving", () => {
  it("gives the place up and forgets the tokens", async () => {
    const headers = { "Queue-Ticket": gateway.ticket("g_ann") };
    const { status, text, headers: sent } = await gateway.send("DELETE", PATH, { headers });
    expect([status, text]).toEqual([204, ""]);
    expect(laneCalls()).toHaveLength(1);
    expect(laneCalls()[0]).toMatch(/leave$/);
    const cookies = sent.getSetCookie();
    expect(cookies).toHaveLength(2);
    for (const cookie of cookies) expect(cookie).toContain("Max-Age=0");
  });

  it("refuses the bearer of another shopper", async () => {
    const headers = { "Queue-Ticket": gateway.ticket("g_ann"), ...(await gateway.bearer("g_bob")) };
    expect((await gateway.send("DELETE", PATH, { headers })).body["code"]).toBe("ticket_invalid");
    expect(laneCalls()).toEqual([]);
  });
});

describe("cookies", () => {
  it("are set so that only this host's own pages send them back", async () => {
    gateway.onLane = () => grantedAnswer();
    const cookies = (await join()).headers.getSetCookie();
    expect(cookies).toHaveLength(2);
    expect(cookies[0]).toMatch(/^__Host-t-drop=v1\./);
    expect(cookies[1]).toMatch(/^__Host-p-drop=v1\./);
    for (const cookie of cookies)
      expect(cookie).toMatch(/; Max-Age=\d+; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
  });

  it("stand in for missing headers, and headers win", async () => {
    const Cookie = `__Host-t-drop=${gateway.ticket("g_ann", { number: 3 })}`;
    expect((await poll({ Cookie })).body["number"]).toBe(3);
    const both = { Cookie, "Queue-Ticket": gateway.ticket("g_ann", { number: 4 }) };
    expect((await poll(both)).body["number"]).toBe(4);
    expect((await poll({ Cookie: "__Host-t-other=x" })).body["code"]).toBe("ticket_invalid");
  });

  it("do not write for pages of another origin", async () => {
    const Cookie = `__Host-t-drop=${gateway.ticket("g_ann")}`;
    for (const headers of [{ Cookie }, { Cookie, Origin: "https://evil.example" }]) {
      const answer = await gateway.send("DELETE", PATH, { headers });
      expect([answer.status, answer.body["code"]]).toEqual([403, "forbidden"]);
    }
    expect(laneCalls()).toEqual([]);
    const own = { Cookie, Origin: ORIGIN };
    expect((await gateway.send("DELETE", PATH, { headers: own })).status).toBe(204);
  });
});
