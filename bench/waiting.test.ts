import { describe, expect, it } from "vitest";
import type { LiveBoard, QueueView } from "./contract.ts";
import type { SocketEvents } from "./live-link.ts";
import { newShopperRecord } from "./shopper-record.ts";
import { SocketWaiting, type WaitingShopper } from "./waiting.ts";

const WAITING: QueueView = {
  state: "waiting",
  reason: null,
  number: 7,
  ahead: 6,
  pollAfterMs: 20_000,
  nowServing: 0,
};
const INVITED: QueueView = { ...WAITING, ahead: 0, nowServing: 7, pollAfterMs: 1000 };
const ADMITTED: QueueView = { ...INVITED, state: "admitted", pass: "pass" };
/** With randomness at a half: the socket is asked for after half of two seconds. */
const FIRST_MS = 1000;

function textOf(version: number, nowServing: number, more: Partial<LiveBoard> = {}): string {
  const queue = { nowServing, message: null };
  const board = { type: "board", version, state: "active", isHeld: false, queue, revoked: [] };
  return JSON.stringify({ ...board, ...more });
}

/** One shopper who waits by a socket, in a time that a test moves. */
class Scene {
  readonly record = newShopperRecord(0);
  readonly sockets: (SocketEvents & { isClosed: boolean })[] = [];
  readonly asked: string[] = [];
  readonly heard: { view: QueueView; atMs: number }[] = [];
  /** What polls are answered; the last one again and again. */
  polls: QueueView[] = [WAITING];
  claims: QueueView[] = [ADMITTED];
  address: string | null = "ws://shop.test/live";
  readonly waiting: SocketWaiting;
  #nowMs = 0;
  #sleepers: { atMs: number; wake: () => void }[] = [];

  constructor() {
    const answer = async (name: string, views: QueueView[]): Promise<QueueView> => {
      this.asked.push(`${name} at ${this.#nowMs}`);
      return (views.length > 1 ? views.shift() : views[0]) ?? WAITING;
    };
    const shopper: WaitingShopper = {
      record: this.record,
      poll: () => answer("poll", this.polls),
      claim: () => answer("claim", this.claims),
      liveAddress: async () => this.address,
      list: { isAllHeld: async () => false },
      hear: (view, atMs) => void this.heard.push({ view, atMs }),
    };
    this.waiting = new SocketWaiting(shopper, {
      random: () => 0.5,
      nowMs: () => this.#nowMs,
      openSocket: (_url, events) => {
        const socket = { ...events, isClosed: false };
        this.sockets.push(socket);
        return { close: () => void (socket.isClosed = true) };
      },
      sleep: (ms, signal) =>
        new Promise((wake) => {
          this.#sleepers.push({ atMs: this.#nowMs + ms, wake });
          signal?.addEventListener("abort", () => wake());
          if (signal?.aborted === true) wake();
        }),
    });
  }

  /** Lets so much time pass, and everything that comes of it happen. */
  async pass(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    for (;;) {
      await settled();
      const due = this.#sleepers.toSorted((a, b) => a.atMs - b.atMs)[0];
      if (due === undefined || due.atMs > untilMs) break;
      this.#nowMs = Math.max(this.#nowMs, due.atMs);
      this.#sleepers = this.#sleepers.filter((sleeper) => sleeper !== due);
      due.wake();
    }
    this.#nowMs = untilMs;
  }

  /** The shop sends this to the newest socket. */
  async push(text: string): Promise<void> {
    this.sockets.at(-1)?.message(text);
    await settled();
  }

  async lose(): Promise<void> {
    this.sockets.at(-1)?.closed();
    await settled();
  }
}

/** Everything that hangs on promises alone has happened. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe("waiting by a socket", () => {
  it("follows the boards and claims when the turn comes, without a poll before", async () => {
    const scene = new Scene();
    const next = scene.waiting.next(WAITING);
    await scene.pass(FIRST_MS);
    await scene.push(textOf(1, 2));
    await scene.pass(500);
    await scene.push(textOf(2, 7));
    expect(await next).toMatchObject({ state: "admitted", pass: "pass" });
    expect(scene.asked).toEqual(["claim at 1500"]);
    expect(scene.heard).toMatchObject([
      { view: { ahead: 4 }, atMs: 1000 },
      { view: { ahead: 0 }, atMs: 1500 },
    ]);
    expect(scene.record.socket).toEqual({
      opened: 1,
      refused: 0,
      lost: 0,
      boards: 2,
      claimsTooSoon: 0,
    });
    scene.waiting.end();
    expect(scene.sockets.map(({ isClosed }) => isClosed)).toEqual([true]);
  });

  it("knows at once that all is sold", async () => {
    const scene = new Scene();
    const next = scene.waiting.next(WAITING);
    await scene.pass(FIRST_MS);
    await scene.push(textOf(3, 2, { state: "sold_out" }));
    expect(await next).toMatchObject({ state: "closed", reason: "sold_out" });
    expect(scene.heard).toMatchObject([{ view: { reason: "sold_out" }, atMs: 1000 }]);
    expect(scene.asked).toEqual([]);
  });

  it("polls once a minute while the socket lives", async () => {
    const scene = new Scene();
    const first = scene.waiting.next(WAITING);
    await scene.pass(FIRST_MS);
    await scene.push(textOf(1, 2));
    await scene.pass(20_000);
    // The first poll was due before there was a socket; its answer is older than the board.
    expect(scene.asked).toEqual(["poll at 20000"]);
    const view = await first;
    expect(view).toMatchObject({ ahead: 4, nowServing: 2 });
    const second = scene.waiting.next(view);
    await scene.pass(59_000);
    expect(scene.asked).toHaveLength(1);
    await scene.pass(1000);
    await second;
    expect(scene.asked).toHaveLength(2);
  });

  it("drops a board that is older, and what is no board", async () => {
    const scene = new Scene();
    void scene.waiting.next(WAITING);
    await scene.pass(FIRST_MS);
    await scene.push(textOf(5, 4));
    await scene.push(textOf(4, 3));
    await scene.push("pong");
    await scene.push(textOf(5, 5));
    expect(scene.heard.map(({ view }) => view.ahead)).toEqual([2, 1]);
  });

  it("asks again soon when the answer to a claim is still to wait", async () => {
    const scene = new Scene();
    scene.claims = [INVITED, ADMITTED];
    const next = scene.waiting.next(WAITING);
    await scene.pass(FIRST_MS);
    await scene.push(textOf(1, 7));
    const view = await next;
    expect(view).toMatchObject({ state: "waiting", ahead: 0, pollAfterMs: 1000 });
    const again = scene.waiting.next(view);
    await scene.push(textOf(2, 8));
    expect(scene.asked).toHaveLength(1);
    await scene.pass(1000);
    expect(await again).toMatchObject({ state: "admitted" });
  });

  it("polls as told when the socket is lost, and comes back", async () => {
    const scene = new Scene();
    const told = { ...WAITING, pollAfterMs: 4000 };
    scene.polls = [told];
    const first = scene.waiting.next(told);
    await scene.pass(FIRST_MS);
    await scene.push(textOf(1, 2));
    await scene.pass(3000);
    const second = scene.waiting.next(await first);
    await scene.pass(6000);
    await scene.lose();
    await scene.pass(4000);
    expect((await second).ahead).toBe(6);
    expect(scene.asked).toEqual(["poll at 4000", "poll at 14000"]);
    expect(scene.sockets).toHaveLength(2);
    expect(scene.record.socket).toMatchObject({ opened: 1, lost: 1, refused: 0 });
  });

  it("polls for good when the address is refused", async () => {
    const scene = new Scene();
    scene.address = null;
    const next = scene.waiting.next({ ...WAITING, pollAfterMs: 4000 });
    await scene.pass(60_000);
    await next;
    expect(scene.asked).toEqual(["poll at 4000"]);
    expect(scene.record.socket).toMatchObject({ opened: 0, refused: 1, lost: 0 });
  });

  it("gives a socket up that never brings anything", async () => {
    const scene = new Scene();
    void scene.waiting.next({ ...WAITING, pollAfterMs: 30_000 });
    for (let tries = 0; tries < 12; tries += 1) {
      await scene.pass(2500);
      await scene.lose();
    }
    expect(scene.sockets).toHaveLength(10);
    expect(scene.record.socket).toMatchObject({ opened: 0, refused: 10 });
  });
});
