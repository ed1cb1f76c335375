import { beforeEach, describe, expect, it } from "vitest";
import { Deaths } from "./deaths.ts";
import { faultsHappened, sumOfFigures } from "./figures.ts";
import { type FaultFigures, NO_FAULTS, noFigures, OBJECT_CLASSES } from "./plan.ts";
import { lastTold, Telling } from "./telling.ts";

let nowMs = 0;
/** What chance says next; 0.5 when there is nothing left. */
let chances: number[] = [];
/** Sleeps under way: each ends when it is called. */
let sleeps: (() => void)[] = [];
let aborts = 0;
let figures: FaultFigures;

beforeEach(() => {
  [nowMs, chances, sleeps, aborts] = [0, [], [], 0];
});

/** What the product's object is, and what the driver puts in its place. */
class Product {
  #calls = 0;
  park: Promise<void> = Promise.resolve();
  ask(): number {
    this.#calls += 1;
    return this.#calls;
  }
  async wait(): Promise<void> {
    await this.park;
  }
}

/** Lives of ten seconds on average; each is begun with these chances. */
function mortals() {
  class Mortal extends Product {}
  const around = {
    now: () => nowMs,
    random: () => chances.shift() ?? 0.5,
    sleep: async (): Promise<void> => new Promise((resolve) => sleeps.push(resolve)),
  };
  const telling = new Telling("purchase", () => -Infinity);
  ({ figures } = telling);
  const deaths = new Deaths(10, around, telling);
  deaths.watch(Mortal);
  return (id: string, ...drawn: number[]): Mortal => {
    chances = drawn;
    const object = new Mortal();
    deaths.begin("Mortal", id, object, () => (aborts += 1));
    return object;
  };
}

/** Lets all sleeps end. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) {
    for (const wake of sleeps.splice(0)) wake();
    await Promise.resolve();
  }
}

/** A class whose first object has died, so that lives are drawn. */
async function drawnLives() {
  const begin = mortals();
  begin("first", 0.5).ask();
  await settle();
  expect([aborts, figures.aborted]).toEqual([1, { Mortal: 1 }]);
  aborts = 0;
  return begin;
}

describe("objects that die at random", () => {
  it("answer as the product's do, and none dies before its time", async () => {
    const begin = await drawnLives();
    // Not at once; twice 0.3 of ten seconds; in a call.
    const object = begin("a", 0.9, 0.3, 0.9);
    expect([object.ask(), object.ask()]).toEqual([1, 2]);
    nowMs = 5_999;
    object.ask();
    await settle();
    expect(aborts).toBe(0);
    nowMs = 6_000;
    expect(object.ask()).toBe(4);
    object.ask();
    await settle();
    expect([aborts, figures.aborted, figures.evicted]).toEqual([1, { Mortal: 2 }, {}]);
  });

  it("die at rest when nobody asks anything of them, and count when they are needed again", async () => {
    const begin = await drawnLives();
    const object = begin("a", 0.9, 0.3, 0.1);
    nowMs = 6_000;
    let release = (): void => {};
    object.park = new Promise((resolve) => (release = resolve));
    const waiting = object.wait();
    object.ask();
    await settle();
    expect(aborts).toBe(0);
    release();
    await waiting;
    await settle();
    expect([aborts, figures.evicted]).toEqual([1, {}]);
    begin("a", 0.9);
    expect(figures).toMatchObject({ aborted: { Mortal: 1 }, evicted: { Mortal: 1 } });
  });

  it("die in a call where they never come to rest", async () => {
    const begin = await drawnLives();
    const object = begin("a", 0.9, 0.3, 0.1);
    object.park = new Promise(() => {});
    void object.wait();
    nowMs = 16_000;
    object.ask();
    await settle();
    expect([aborts, figures.aborted]).toEqual([1, { Mortal: 2 }]);
  });
});

describe("what a log tells of faults", () => {
  it("is what each teller said last, in sum", () => {
    const of = (name: string, count: number) => ({ ...noFigures(), aborted: { [name]: count } });
    const told = (teller: string, value: FaultFigures): string =>
      `[worker warn] bench.faults ${teller} ${JSON.stringify(value)}`;
    const log = [
      told("purchase", of("Sku", 1)),
      told("waiting-room", of("QueueLane", 4)),
      "something else",
      told("purchase", of("Sku", 3)),
    ];
    expect(sumOfFigures(lastTold(log.join("\n"))).aborted).toEqual({ Sku: 3, QueueLane: 4 });
    expect(lastTold("nothing")).toEqual([]);
  });

  it("has to be every class, where objects were to be aborted", () => {
    const names = Object.values(OBJECT_CLASSES).flat();
    const aborted = Object.fromEntries(names.map((name) => [name, 1]));
    const plan = { ...NO_FAULTS, livesSeconds: 3 };
    const all = { ...noFigures(), aborted, evicted: { QueueLane: 1 } };
    expect(faultsHappened(plan, all)).toEqual([]);
    expect(faultsHappened(plan, { ...all, aborted: { ...aborted, LiveRoot: 0 } })).toMatchObject([
      { examples: ["no LiveRoot was aborted"] },
    ]);
  });
});
