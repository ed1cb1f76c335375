import { describe, expect, it } from "vitest";
import type { SocketEvents } from "./live-link.ts";
import { assertOpenFiles } from "./open-files.ts";
import { Audience } from "./push.ts";

const SHOPPER = { liveAddress: async () => "ws://shop.test/live" };

/** So many sockets that have brought a first board, in a time that the test sets. */
async function audienceOf(count: number) {
  const clock = { nowMs: 0 };
  const sockets: SocketEvents[] = [];
  const audience = new Audience(
    () => clock.nowMs,
    (_url, events) => {
      sockets.push(events);
      return { close: () => events.closed() };
    },
  );
  const admitting = Array.from({ length: count }, () => audience.admit(SHOPPER));
  await Promise.resolve();
  for (const socket of sockets) socket.message("{}");
  await Promise.all(admitting);
  const say = (index: number, text: string, atMs: number): void => {
    clock.nowMs = atMs;
    sockets[index]?.message(text);
  };
  return { audience, say, sockets };
}

describe("an audience", () => {
  it("notes when each socket hears what is expected, once", async () => {
    const { audience, say } = await audienceOf(3);
    audience.expect("first", 100);
    say(0, '{"message":"first"}', 110);
    say(0, '{"message":"first"}', 115);
    say(1, '{"message":"something else"}', 120);
    expect([audience.told, audience.isTold]).toEqual([1, false]);
    say(1, '{"message":"first"}', 130);
    say(2, '{"message":"first"}', 150);
    expect(audience.isTold).toBe(true);
    audience.expect("second", 200);
    for (const index of [0, 1, 2]) say(index, "second", 205);
    expect(audience.figures()).toEqual({
      opened: 3,
      refused: 0,
      lost: 0,
      missed: 0,
      afterMs: { p50: 5, p99: 50, max: 50 },
      untilAllMs: [50, 5],
    });
  });

  it("tells sockets that never came, were lost, or missed a change", async () => {
    const { audience, say, sockets } = await audienceOf(3);
    await audience.admit({ liveAddress: async () => null });
    const never = audience.admit(SHOPPER);
    await Promise.resolve();
    sockets.at(-1)?.closed();
    await never;
    sockets[2]?.closed();
    audience.expect("first", 100);
    say(0, "first", 101);
    expect(audience.figures()).toMatchObject({ opened: 3, refused: 2, lost: 1, missed: 1 });
    audience.close();
    expect(audience.figures().lost).toBe(1);
  });
});

describe("open files", () => {
  it("have to suffice for the connections and the rest", () => {
    expect(() => assertOpenFiles(500, 1000)).not.toThrow();
    expect(() => assertOpenFiles(501, 1000)).toThrow("501 connections need 1001 open files");
    expect(() => assertOpenFiles(1_000_000, Infinity)).not.toThrow();
  });
});
