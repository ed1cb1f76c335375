import { expect, it } from "vitest";
import { quietPlan } from "../plan/fixture.ts";
import type { SourcePatch } from "../run/loader.ts";
import { withThread } from "../run/thread.ts";

const FILE = "sim/sale/bookkeeper.ts";
/** Somebody meddles with an item's counters, and what differs is read again half a minute later. */
const MEDDLED: SourcePatch[] = [
  { file: FILE, find: "PLANTED_SHARE = 0.3", replace: "PLANTED_SHARE = 1" },
  { file: FILE, find: "this.#dice.pick(PLANTS)", replace: "PLANTS.at(-1) ?? PLANTS[0]" },
  { file: FILE, find: "{ provider });", replace: "{ provider, secondLookMs: 30_000 });" },
];
const UNGUARDED: SourcePatch = {
  file: FILE,
  find: "if (!isNamed && look() !== planted) return;",
  replace: "",
};

/** A sale after whose end the item notes, by a timer of its own, that it has refused something: its counters are written anew. */
function violationsBy(patches: readonly SourcePatch[]) {
  const plan = quietPlan(1, 2);
  const shoppers = plan.shoppers.map((of) => ({ ...of, habits: ["changes_mind" as const] }));
  return withThread({ patches }, async (thread) => {
    const result = await thread.run({ ...plan, shoppers });
    return result?.violations;
  });
}

it("does not ask for counters that were written anew before they could be named", async () => {
  const asked = { invariant: "books.seen", detail: "level_changed of sku-1: []" };
  expect(await violationsBy([...MEDDLED, UNGUARDED])).toEqual([asked]);
  expect(await violationsBy(MEDDLED)).toEqual([]);
});
