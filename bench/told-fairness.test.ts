import { describe, expect, it } from "vitest";
import type { FairnessTold } from "./contract-fairness.ts";
import { checkTold, orderIsKept, renderTold } from "./told-fairness.ts";

const NONE = { p50: 0, p99: 0, max: 0 };

function told(fields: Partial<FairnessTold> = {}): FairnessTold {
  const exact = { tau: 0, displacedPlaces: NONE };
  return {
    entries: 9,
    joined: 4,
    admitted: 2,
    arrivalToNumber: { ...exact, displacedMs: NONE, beyondWindow: 0 },
    numberToAdmission: { ...exact, overtaken: 0 },
    arrivalToAdmission: { ...exact, first: [{ k: 2, share: 1 }] },
    duplicates: { numbers: 0, grants: 0, places: 0 },
    capacity: { peak: 2, setting: 2, overshoot: 0 },
    rate: { peak: 2, setting: null, overshoot: 0 },
    noShows: { decided: 3, lapsed: 1 },
    wait: null,
    estimates: null,
    minuteBuckets: null,
    units: null,
    ...fields,
  };
}

describe("what a system says of its fairness", () => {
  it("breaks nothing where all is well", () => {
    expect(checkTold(told())).toEqual([]);
    expect(orderIsKept(told())).toEqual([]);
  });

  it.each<[string, Partial<FairnessTold>]>([
    ["duplicate", { duplicates: { numbers: 1, grants: 0, places: 0 } }],
    ["duplicate", { duplicates: { numbers: 0, grants: 1, places: 0 } }],
    ["duplicate", { duplicates: { numbers: 0, grants: 0, places: 1 } }],
    ["admission", { numberToAdmission: { tau: 0, displacedPlaces: NONE, overtaken: 1 } }],
    ["admission", { capacity: { peak: 3, setting: 2, overshoot: 1 } }],
    ["admission", { rate: { peak: 3, setting: 2, overshoot: 1 } }],
  ])("breaks a promise: %s %o", (kind, fields) => {
    expect(checkTold(told(fields))).toMatchObject([{ kind }]);
  });

  it("breaks the order from a thousandth of the pairs on", () => {
    const { arrivalToNumber } = told();
    const at = (tau: number) => orderIsKept(told({ arrivalToNumber: { ...arrivalToNumber, tau } }));
    expect(at(0.001)).toEqual([]);
    expect(at(0.0011)).toMatchObject([{ kind: "order" }]);
  });

  it("is shown as a table that leaves out what there is not", () => {
    const over = renderTold(told({ capacity: { peak: 3, setting: 2, overshoot: 1 } }));
    const text = over.replaceAll(/ +/g, " ");
    expect(text).toContain("inside at once 3 of 2, 1 TOO MANY");
    expect(text).toContain("let in within 60 s 2 unbounded");
    expect(text).toContain("first k among first k 2: 100 %");
    expect(text).not.toContain("minute buckets");
    const buckets = {
      sampled: 4,
      sampledEvery: 1,
      arrivalToAdmission: { tau: 0.5, displacedPlaces: NONE },
      first: [{ k: 2, share: 0.5 }],
    };
    expect(renderTold(told({ minuteBuckets: buckets }))).toContain("0.500000, simulated with 4");
  });
});
