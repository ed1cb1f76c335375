import { array, assert, constantFrom, integer, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { seededRandom } from "../random.ts";
import { kendallDistance } from "./kendall.ts";
import { minuteBucketOrder, REFRESH_MS, reloadsOf } from "./minute-buckets.ts";
import { servedOf } from "./served.ts";

const MINUTE_MS = 60_000;
/** No jitter: everybody reloads every 20 seconds sharp. */
const evenly = (): number => 0.5;

function order(arrivalsMs: number[], slotsMs: number[]): number[] {
  return minuteBucketOrder(Float64Array.from(arrivalsMs), Float64Array.from(slotsMs), evenly);
}

/** Second by second as it is told: whoever of the oldest minute looks when a slot is free. */
function secondBySecond(arrivals: readonly number[], slots: readonly number[]): number[] {
  const inside: number[] = [];
  const waiting = new Set(arrivals.keys());
  const minuteOf = (who: number) => Math.floor((arrivals[who] ?? 0) / 60);
  for (let now = 0; waiting.size > 0 && inside.length < slots.length; now++) {
    for (const who of arrivals.keys()) {
      const since = now - (arrivals[who] ?? 0);
      const isLook = since >= 0 && since % 20 === 0;
      const isOldest = [...waiting].every((other) => minuteOf(other) >= minuteOf(who));
      const isFree = inside.length < slots.length && (slots[inside.length] ?? 0) <= now;
      if (!waiting.has(who) || !isLook || !isOldest || !isFree) continue;
      inside.push(who);
      waiting.delete(who);
    }
  }
  return inside;
}

describe("minute buckets", () => {
  it("let in who looks when a slot is free, not who came first", () => {
    // The first one looks at 0, 20 and 40 s, the second one at 15 and 35.
    expect(order([0, 15_000], [30_000, 50_000])).toEqual([1, 0]);
    expect(order([0, 15_000], [36_000, 50_000])).toEqual([0, 1]);
  });

  it("let nobody of a later minute in before everybody of the oldest is", () => {
    // A slot is free when the second one comes, and yet it is the first one's.
    expect(order([MINUTE_MS - 1, MINUTE_MS], [MINUTE_MS, MINUTE_MS])).toEqual([0, 1]);
  });

  it("leave out who finds no slot", () => {
    expect(order([0, 1], [])).toEqual([]);
    expect(order([0, 1, 2 * MINUTE_MS], [5])).toHaveLength(1);
  });

  it("agree with what is seen second by second", () => {
    const times = array(integer({ min: 0, max: 200 }), { maxLength: 12 }).map((list) =>
      // Nobody looks in the same second as another.
      list.filter((at, i) => !list.slice(0, i).some((one) => (one - at) % 20 === 0)),
    );
    assert(
      property(times, array(integer({ min: 0, max: 300 }), { maxLength: 12 }), (some, slots) => {
        const arrivals = some.toSorted((a, b) => a - b);
        const free = slots.toSorted((a, b) => a - b);
        const ms = (list: number[]) => list.map((seconds) => seconds * 1_000);
        expect(order(ms(arrivals), ms(free))).toEqual(secondBySecond(arrivals, free));
      }),
    );
  });

  it("cost at most what is reckoned", () => {
    assert(
      property(
        array(integer({ min: 0, max: 500_000 }), { maxLength: 30 }),
        array(integer({ min: 0, max: 500_000 }), { maxLength: 30 }),
        constantFrom(0, 0.5, 0.999),
        (arrivals, slots, dice) => {
          let drawn = 0;
          const random = (): number => {
            drawn += 1;
            return dice;
          };
          const [some, free] = [arrivals, slots].map((list) => Float64Array.from(list).sort());
          if (!some || !free) return;
          minuteBucketOrder(some, free, random);
          // By jitter a reload comes a tenth earlier; and everybody looks once more than periods pass.
          expect(drawn).toBeLessThanOrEqual(reloadsOf(some, free) / 0.9 + 3 * some.length);
        },
      ),
    );
  });

  it.each([1, 2, 3])("make a lottery of a burst (seed %i)", (seed) => {
    const random = seededRandom(seed);
    const arrivals = Float64Array.from({ length: 20_000 }, () => -10_000 * Math.log(1 - random()));
    arrivals.sort();
    const slots = Float64Array.from({ length: 20_000 }, (_, index) => 50 * index);
    const admitted = minuteBucketOrder(arrivals, slots, random);
    expect(admitted).toHaveLength(20_000);
    const { tau } = kendallDistance(Float64Array.from(admitted));
    expect(tau).toBeGreaterThan(0.49);
    expect(tau).toBeLessThan(0.57);
    const first = servedOf(arrivals, admitted).first.find(({ k }) => k === 1_000);
    expect(first?.share).toBeGreaterThan(0.02);
    expect(first?.share).toBeLessThan(0.07);
  });

  it("reload as the leader's page does", () => {
    expect(REFRESH_MS).toBe(20_000);
  });
});
