import { expect, test } from "vitest";
import { fairnessOf } from "../testing/fairness-reports.ts";
import type { Fairness } from "./contract.ts";
import { formatTau, summaryOf, verdictsOf } from "./verdicts.ts";

const report = fairnessOf();
const { arrivalToNumber, numberToAdmission, duplicates } = report;

/** Each promise that is not simply kept, by its id. */
const others = (changes: Partial<Fairness>): Record<string, string> =>
  Object.fromEntries(
    verdictsOf(fairnessOf(changes))
      .filter(({ verdict }) => verdict !== "passed")
      .map(({ id, verdict, said }) => [id, `${verdict}: ${said}`]),
  );

const lot = { draws: 1, places: 1_000, sampled: 1_000, tau: 0.5, deviation: 0.01 };

test.each([
  ["that keeps all", {}, {}],
  [
    "with places out of order",
    { arrivalToNumber: { ...arrivalToNumber, beyondWindow: 3 } },
    {
      arrival:
        "failed: 3 places stand further from where the arrival belongs than the 250 ms within which arrivals are put in order.",
    },
  ],
  [
    "with somebody overtaken",
    { numberToAdmission: { ...numberToAdmission, overtaken: 1 } },
    { admission: "failed: 1 time somebody was let in while a lower number was asking." },
  ],
  [
    "with a number given twice",
    { duplicates: { ...duplicates, numbers: 1 } },
    {
      duplicates:
        "failed: 1 number out of turn, 0 shoppers let in twice, 0 places beside another one of the same shopper.",
    },
  ],
  [
    "that was too full",
    { capacity: { peak: 203, setting: 200, overshoot: 3 } },
    { capacity: "failed: At most 203 at once, where 200 were allowed. It was exceeded by 3." },
  ],
  [
    "that was too fast",
    { rate: { peak: 101, setting: 100, overshoot: 1 } },
    {
      rate: "failed: At most 101 in any 60 seconds, where 100 were allowed. It was exceeded by 1.",
    },
  ],
  ["drawn evenly", { lot: { ...lot, tau: 0.539 } }, {}],
  [
    "drawn in favour of the first",
    { lot: { ...lot, tau: 0.459 } },
    {
      lot: "failed: 1,000 places in 1 draw: of two shoppers the earlier one got the better place in 54.1% of pairs, where an even lot gives 50% ± 2%.",
    },
  ],
] satisfies [string, Partial<Fairness>, Record<string, string>][])(
  "a line %s",
  (_what, changes, expected) => {
    expect(others(changes)).toEqual(expected);
  },
);

test("of an empty line nothing is judged", () => {
  const bound = { peak: 0, setting: 10, overshoot: 0 };
  const empty = { joined: 0, numbered: 0, admitted: 0, capacity: bound, rate: bound };
  const verdicts = verdictsOf(fairnessOf(empty));
  expect(new Set(verdicts.map(({ verdict }) => verdict))).toEqual(new Set(["open"]));
  expect(summaryOf(verdicts, false)).toMatch(/^Nobody has joined yet/);
});

test.each([
  [true, 0, "Every promise of the line was kept."],
  [false, 0, "Every promise of the line is kept so far."],
  [true, 1, /^1 promise of the line was not kept/],
] as const)("the whole, final %s, of %i failures", (isFinal, overtaken, text) => {
  const verdicts = verdictsOf(
    fairnessOf({ numberToAdmission: { ...numberToAdmission, overtaken } }),
  );
  expect(summaryOf(verdicts, isFinal)).toMatch(text);
});

test.each([
  [0, "0"],
  [0.000_123, "0.00012"],
  [0.4951, "0.5"],
])("tau %f reads %s", (tau, text) => {
  expect(formatTau(tau)).toBe(text);
});
