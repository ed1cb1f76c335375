import { beforeEach, describe, expect, it, vi } from "vitest";
import { refuse } from "../../../domain/problem.ts";
import type { Whence } from "../../../domain/queue/region.ts";
import { openLiveToken, sealLiveToken, shopperBinding } from "../../../domain/token.ts";
import { FakeGateway, NOON_MS, ORIGIN, type Answer } from "../testing/fake-gateway.ts";

const PATH = "/api/v1/sales/drop/live";
const SECOND_MS = 1_000;

let gateway: FakeGateway;

beforeEach(() => {
  gateway = new FakeGateway();
  vi.spyOn(console, "warn").mockImplementation(() => {});
});

function ask(headers: Record<string, string>, path = PATH, cf: Whence = {}): Promise<Answer> {
  return gateway.send("POST", path, { headers, json: {}, cf });
}

const liveCalls = (): string[] => gateway.calls.filter((call) => call.startsWith("live"));

/** The token of a fresh address. */
async function freshToken(cf: Whence = {}): Promise<string> {
  const { body } = await ask({ "Queue-Ticket": gateway.ticket("g_ann") }, PATH, cf);
  return new URL(String(body["url"])).searchParams.get("token") ?? "";
}

function open(
  token: string,
  headers: Record<string, string> = {},
  sale = "drop",
  cf: Whence = {},
): Promise<Answer> {
  const query = new URLSearchParams({ token }).toString();
  return gateway.send("GET", `/api/v1/sales/${sale}/live?${query}`, {
    headers: { Upgrade: "websocket", ...headers },
    cf,
  });
}

describe("the address of a socket", () => {
  it("comes by ticket alone, without a call to anything, good for 30 seconds", async () => {
    const { status, body } = await ask({ "Queue-Ticket": gateway.ticket("g_ann") });
    expect(status).toBe(200);
    expect(gateway.calls).toEqual([]);
    const url = new URL(String(body["url"]));
    expect(url.href.startsWith(`${ORIGIN.replace("https", "wss")}${PATH}?token=`)).toBe(true);
    const token = openLiveToken(gateway.keyring, url.searchParams.get("token") ?? "");
    const binding = shopperBinding(gateway.keyring, "drop", "g_ann");
    expect(token).toMatchObject({ saleId: "drop", binding, expiresAtMs: NOON_MS + 30_000 });
  });

  it("comes by access token, for the same shopper, and is another one each time", async () => {
    const headers = await gateway.bearer("g_ann");
    const urls = [await ask(headers), await ask(headers)].map(({ body }) => String(body["url"]));
    const tokens = urls.map((url) =>
      openLiveToken(gateway.keyring, new URL(url).searchParams.get("token") ?? ""),
    );
    expect(tokens[0]?.binding).toBe(shopperBinding(gateway.keyring, "drop", "g_ann"));
    expect(tokens[0]?.nonce).not.toBe(tokens[1]?.nonce);
  });

  it("is for nobody who says nothing, brings a wrong ticket or that of somebody else", async () => {
    expect((await ask({})).body["code"]).toBe("unauthorized");
    expect((await ask({ "Queue-Ticket": "v1.new.x.y" })).body["code"]).toBe("ticket_invalid");
    const stolen = { ...(await gateway.bearer("g_bob")), "Queue-Ticket": gateway.ticket("g_ann") };
    expect((await ask(stolen)).body["code"]).toBe("ticket_invalid");
    const other = gateway.ticket("g_ann", { saleId: "other" });
    expect((await ask({ "Queue-Ticket": other })).body["code"]).toBe("ticket_invalid");
    const unknown = await ask(await gateway.bearer("g_ann"), "/api/v1/sales/unknown/live");
    expect(unknown.status).toBe(404);
  });
});

describe("opening a socket", () => {
  it("goes to one object, that of the shopper, in one call", async () => {
    const token = await freshToken();
    const nonce = openLiveToken(gateway.keyring, token)?.nonce ?? "";
    await open(token);
    expect(liveCalls()).toHaveLength(1);
    expect(liveCalls()[0]).toMatch(new RegExp(`^live drop/enam/\\d+ ${nonce} near enam$`));
    await open(await freshToken());
    expect(new Set(liveCalls().map((call) => call.split(" ")[1])).size).toBe(1);
  });

  it("goes to the region that the address was asked for in, from wherever it is opened", async () => {
    const token = await freshToken({ continent: "EU", country: "AT", longitude: "16.4" });
    await open(token);
    await open(token, {}, "drop", { continent: "OC", country: "NZ" });
    for (const call of liveCalls()) expect(call).toMatch(/^live drop\/eeur\/\d+ \S+ near eeur$/);
    expect(new Set(liveCalls()).size).toBe(1);
  });

  it.each([
    ["used up", refuse("live_token_invalid"), 403],
    ["one too many", refuse("busy", { retryAfterSeconds: 30 }), 503],
  ])("that the object refuses as %s is a problem", async (_why, refusal, status) => {
    gateway.onLiveBoard = () => refusal;
    const answer = await open(await freshToken());
    expect([answer.status, answer.body["code"]]).toEqual([status, refusal.code]);
    expect(answer.headers.get("Content-Type")).toBe("application/problem+json");
    expect(answer.headers.get("Cache-Control")).toBe("no-store");
  });

  it("is refused before any object hears of it: forged, expired, of another sale", async () => {
    const token = await freshToken();
    const forged = sealLiveToken(new FakeGateway().keyring, {
      saleId: "drop",
      binding: "b",
      nonce: "n",
      expiresAtMs: NOON_MS + 30 * SECOND_MS,
      region: "weur",
    }).slice(0, -4);
    for (const wrong of ["", "v1.new.x.y", forged, gateway.ticket("g_ann"), `${token}x`])
      expect((await open(wrong)).body["code"]).toBe("live_token_invalid");
    expect((await open(token, {}, "other")).body["code"]).toBe("live_token_invalid");
    gateway.nowMs += 30 * SECOND_MS;
    expect((await open(token)).body["code"]).toBe("live_token_invalid");
    expect(liveCalls()).toEqual([]);
  });

  it("is refused to pages of other origins, and is nothing but a socket", async () => {
    const token = await freshToken();
    const foreign = await open(token, { Origin: "https://elsewhere.example" });
    expect([foreign.status, foreign.body["code"]]).toEqual([403, "forbidden"]);
    expect((await gateway.send("GET", `${PATH}?token=${token}`)).status).toBe(404);
    expect(liveCalls()).toEqual([]);
    await open(token, { Origin: ORIGIN });
    expect(liveCalls()).toHaveLength(1);
  });
});
