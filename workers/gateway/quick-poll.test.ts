import { expect, it } from "vitest";
import type { Board } from "../../domain/queue/board.ts";
import { BoardCache } from "./caches/board-cache.ts";
import { TicketCache } from "./caches/ticket-cache.ts";
import { quickPoll } from "./quick-poll.ts";
import { RequestIds } from "./request-ids.ts";
import { FakeGateway, NOON_MS, ORIGIN, sampleBoard } from "./testing/fake-gateway.ts";

const PATH = "/api/v1/sales/drop/queue";
const runtime = { now: () => NOON_MS, randomBytes: (length: number) => new Uint8Array(length) };

/** What is answered without the route, where this board is in memory. */
async function quick(
  gateway: FakeGateway,
  headers: Record<string, string>,
): Promise<Response | null> {
  const boards = new BoardCache(runtime, async () => gateway.board as Board);
  await boards.get({ env: gateway.env, waitUntil: () => {} }, "drop");
  const ids = new RequestIds(runtime);
  const shared = { boards, ids, runtime: runtime as never, tickets: new TicketCache() };
  const raw = new Request(ORIGIN + PATH, { headers });
  return quickPoll(shared, { raw, path: PATH, saleId: "drop" }, gateway.env);
}

it.each([
  ["waiting", { cursor: 2 }, 9],
  ["before the start", { state: "prequeue" }, 9],
  ["paused", { state: "paused" }, 9],
  ["sold out", { state: "sold_out" }, 9],
  ["ended", { state: "ended" }, 1],
  ["taken back", { revoked: [9], cursor: 10 }, 9],
  ["invited by a board that is too old to claim by", { cursor: 10, asOfMs: NOON_MS - 11_000 }, 9],
] as const)("says what the route says: %s", async (_, board, number) => {
  const gateway = new FakeGateway();
  gateway.board = sampleBoard(board);
  const ticket = { "Queue-Ticket": gateway.ticket("g_ann", { number }) };
  const answer = await quick(gateway, ticket);
  // With a cookie it is the route that answers.
  const said = await gateway.send("GET", PATH, { headers: { ...ticket, Cookie: "a=b" } });
  expect(said.status).toBe(200);
  expect(await answer?.text()).toBe(said.text);
  const ids = { "x-request-id": expect.anything() as unknown };
  expect({ ...Object.fromEntries(answer?.headers ?? []), ...ids }).toEqual({
    ...Object.fromEntries(said.headers),
    ...ids,
  });
});

it.each([
  ["with a forged ticket", {}, { "Queue-Ticket": "v1.new.W10.AAAA" }],
  ["with one of another sale", { saleId: "other" }, {}],
  ["of who is invited", { number: 3 }, {}],
  ["with an access token", {}, { Authorization: "Bearer x" }],
  ["with a pass", {}, { "Queue-Pass": "x" }],
  ["with cookies", {}, { Cookie: "a=b" }],
])("leaves a poll to the route: %s", async (_, ticket, headers: Record<string, string>) => {
  const gateway = new FakeGateway();
  gateway.board = sampleBoard({ cursor: 5 });
  const brought = { "Queue-Ticket": gateway.ticket("g_ann", { number: 9, ...ticket }) };
  expect(await quick(gateway, {})).toBeNull();
  expect(await quick(gateway, { ...brought, ...headers })).toBeNull();
});
