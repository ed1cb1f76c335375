import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createLiveSocket, type LiveSocket } from "./live-socket.ts";
import { ApiProblem, NoAnswer } from "./problem.ts";

/** A socket of the browser, as far as the page uses it. */
class FakeSocket extends EventTarget {
  static opened: FakeSocket[] = [];
  readonly sent: string[] = [];
  isClosed = false;
  readonly url: string;

  constructor(url: string) {
    super();
    this.url = url;
    FakeSocket.opened.push(this);
  }

  send(text: string): void {
    this.sent.push(text);
  }

  close(): void {
    this.isClosed = true;
  }

  bring(data: unknown): void {
    this.dispatchEvent(new MessageEvent("message", { data }));
  }

  board(version: number): void {
    this.bring(JSON.stringify({ type: "board", version }));
  }

  lose(): void {
    this.dispatchEvent(new Event("close"));
  }
}

const heard: number[] = [];
let losses: number;
let address: () => Promise<string>;
let live: LiveSocket;

beforeEach(() => {
  vi.useFakeTimers();
  // No spread: the waits are then the least that they may be.
  vi.spyOn(Math, "random").mockReturnValue(0);
  vi.stubGlobal("WebSocket", FakeSocket);
  FakeSocket.opened = [];
  heard.length = 0;
  losses = 0;
  address = async () => "wss://shop.example/live";
  live = createLiveSocket({
    address: () => address(),
    heard: ({ version }) => heard.push(version),
    lost: () => {
      losses += 1;
    },
  });
});
afterEach(() => {
  live.want(false);
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** Opens a socket and lets it bring a board. */
async function connect(): Promise<FakeSocket> {
  live.want(true);
  await vi.advanceTimersByTimeAsync(0);
  const socket = FakeSocket.opened.at(-1);
  if (socket === undefined) {
    throw new Error("No socket was opened.");
  }
  socket.board(1);
  return socket;
}

test("opens one socket while it is wanted, and drops what is older", async () => {
  const socket = await connect();
  live.want(true);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(FakeSocket.opened).toHaveLength(1);
  socket.board(3);
  socket.board(2);
  socket.board(3);
  expect(heard).toEqual([1, 3, 3]);
  expect(live.board()?.version).toBe(3);
  for (const unknown of ["pong", "{", '{"type":"offer","version":9}', "null"]) {
    socket.bring(unknown);
  }
  expect(heard).toHaveLength(3);
});

test("closes when it is wanted no more, and takes nothing after", async () => {
  const socket = await connect();
  live.want(false);
  expect([socket.isClosed, live.board(), losses]).toEqual([true, null, 1]);
  socket.board(2);
  socket.lose();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(heard).toEqual([1]);
  expect(FakeSocket.opened).toHaveLength(1);
});

test("comes back with a new address when it is lost, later each time, at once sure again when heard", async () => {
  const socket = await connect();
  socket.lose();
  expect([live.board(), losses]).toEqual([null, 1]);
  await vi.advanceTimersByTimeAsync(499);
  expect(FakeSocket.opened).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(FakeSocket.opened).toHaveLength(2);
  FakeSocket.opened[1]?.lose();
  await vi.advanceTimersByTimeAsync(999);
  expect(FakeSocket.opened).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(1);
  expect(FakeSocket.opened).toHaveLength(3);
  FakeSocket.opened[2]?.board(5);
  FakeSocket.opened[2]?.lose();
  await vi.advanceTimersByTimeAsync(500);
  expect(FakeSocket.opened).toHaveLength(4);
  expect(losses).toBe(2);
});

test("comes back spread over seconds: all sockets are lost at once in a deploy", async () => {
  const socket = await connect();
  vi.spyOn(Math, "random").mockReturnValue(1);
  socket.lose();
  await vi.advanceTimersByTimeAsync(5_999);
  expect(FakeSocket.opened).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(FakeSocket.opened).toHaveLength(2);
});

test("pings when it is quiet, and gives up on a socket that does not answer", async () => {
  const socket = await connect();
  await vi.advanceTimersByTimeAsync(25_000);
  expect(socket.sent).toEqual(["ping"]);
  socket.bring("pong");
  await vi.advanceTimersByTimeAsync(25_000);
  expect(socket.sent).toEqual(["ping", "ping"]);
  await vi.advanceTimersByTimeAsync(10_000);
  expect([socket.isClosed, losses]).toEqual([true, 1]);
});

test("tries again without an answer, and not after a refusal", async () => {
  let asked = 0;
  address = async () => {
    asked += 1;
    throw new NoAnswer("offline");
  };
  live.want(true);
  await vi.advanceTimersByTimeAsync(500);
  expect(asked).toBe(2);
  address = async () => {
    asked += 1;
    throw new ApiProblem({ status: 404, code: "not_found", title: "", detail: "" }, null);
  };
  await vi.advanceTimersByTimeAsync(120_000);
  expect(asked).toBe(3);
  expect(FakeSocket.opened).toEqual([]);
});
