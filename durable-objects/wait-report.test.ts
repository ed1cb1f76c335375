import { evictDurableObject } from "cloudflare:test";
import { expect, it } from "vitest";
import { useTestClock } from "../test/system/support/clock.ts";
import { openLine, type LineOptions, type TestLine } from "../test/system/support/lines.ts";
import { rowsOf } from "../test/system/support/objects.ts";
import { HOUR_MS, level, NOON_MS, SECOND_MS } from "../test/system/support/samples.ts";

const clock = useTestClock();

const ENDS_AT_MS = NOON_MS + HOUR_MS;

function open(options: LineOptions = {}): Promise<TestLine> {
  return openLine({ levels: [level(100_000)], ...options });
}

async function waitsOf(line: TestLine) {
  return (await line.sequencer.stats())?.waits;
}

it("are told when the sale has ended, of who was let in", async () => {
  const line = await open();
  await line.number(4);
  await line.tick();
  const joinedAtMs = clock.now();
  clock.set(joinedAtMs + 1_000);
  await line.ask(1);
  clock.set(joinedAtMs + 5_000);
  await line.ask(2, 3);
  expect(await waitsOf(line)).toBeNull();
  await line.sequencer.command("end");
  const { waitMs, sampledEvery } = (await waitsOf(line)) ?? {};
  expect(sampledEvery).toBe(1);
  const about = (ms: number) => expect.toSatisfy((value: number) => Math.abs(value - ms) <= 1);
  expect(waitMs).toEqual({ p50: about(5_000), p90: about(5_000), p99: about(5_000) });
});

it("are none where nobody was let in, and remembered where somebody was", async () => {
  const empty = await open();
  await empty.sequencer.command("end");
  expect(await waitsOf(empty)).toEqual({ waitMs: null, sampledEvery: 1 });

  const line = await open();
  await line.number(1);
  await line.tick();
  await line.ask(1);
  clock.set(ENDS_AT_MS);
  await line.tick();
  const { version } = await line.board();
  const told = await waitsOf(line);
  expect(told).toMatchObject({ waitMs: { p50: expect.any(Number) } });
  await evictDurableObject(line.sequencer);
  expect(await waitsOf(line)).toEqual(told);
  const [kept] = await rowsOf<{ waits: string }>(line.sequencer, "SELECT waits FROM sale");
  expect(JSON.parse(kept?.waits ?? "")).toEqual(told);
  expect((await line.board()).version).toBe(version);
});

it("of early entrants begin with the start, whatever number was drawn", async () => {
  const startsAtMs = NOON_MS + 60 * SECOND_MS;
  const queue = { prequeueStartsAtMs: NOON_MS - HOUR_MS, shuffleAtStart: true };
  const line = await open({ queue, control: { startsAtMs } });
  await line.number(5);
  clock.set(startsAtMs);
  await line.number(1);
  await line.tick();
  clock.set(startsAtMs + 2_000);
  await line.ask(1, 2, 3, 4, 5, 6);
  clock.set(ENDS_AT_MS);
  const { waitMs } = (await waitsOf(line)) ?? {};
  expect(waitMs?.p50).toBe(2_000);
  expect(waitMs?.p99).toBeLessThanOrEqual(2_000);
});

it("follow the draws of a sale in rounds", async () => {
  const startsAtMs = NOON_MS - 1;
  const line = await open({ queue: { queueingMethod: "random" }, control: { startsAtMs } });
  for (let round = 1; round <= 3; round++) {
    await line.number(2);
    clock.set(startsAtMs + round * 30_000);
    await line.tick();
    clock.advance(SECOND_MS * round);
    await line.tick();
    await line.ask(2 * round - 1, 2 * round);
  }
  clock.set(ENDS_AT_MS);
  const { waitMs } = (await waitsOf(line)) ?? {};
  const claims = await rowsOf<{ at: number }>(
    line.sequencer,
    "SELECT claimed_at_ms AS at FROM claim ORDER BY number",
  );
  const places = await rowsOf<{ at: number }>(
    line.sequencer,
    "SELECT stamp_ms AS at FROM place ORDER BY number",
  );
  // Both of a round came at once and were let in at once: the draw within it does not matter here.
  const waits = claims.map(({ at }, index) => at - (places[index]?.at ?? 0));
  expect(waits).toHaveLength(6);
  expect(waitMs?.p99).toBe(Math.max(...waits));
  expect(waitMs?.p50).toBe(waits.toSorted((a, b) => a - b)[2]);
});

it("of a long line are those of a sample, taken evenly", async () => {
  const line = await open({ queue: { totalActiveUsers: 50_000, newUsersPerMinute: 1_000_000 } });
  for (let thousands = 0; thousands < 5; thousands++) await line.number(1_000);
  await line.tick();
  clock.advance(SECOND_MS);
  await line.tick();
  await line.ask(...Array.from({ length: 300 }, (_, index) => index + 1));
  await line.sequencer.command("end");
  const waitMs = { p50: expect.any(Number), p90: expect.any(Number), p99: expect.any(Number) };
  expect(await waitsOf(line)).toEqual({ sampledEvery: 3, waitMs });
});
