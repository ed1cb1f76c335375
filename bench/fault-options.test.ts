import { describe, expect, it } from "vitest";
import { FAULT_OPTIONS, faultsOf } from "./fault-options.ts";
import { NO_FAULTS } from "./faults/plan.ts";
import { parseOptions, UsageError } from "./options.ts";

function plan(...args: string[]) {
  const options = parseOptions(args, {}, { trace: "a story", ...FAULT_OPTIONS });
  if (options === null) throw new Error("Nobody asked for help.");
  return faultsOf(options);
}

describe("faults on the command line", () => {
  it("are none by default", () => {
    expect(plan()).toEqual({ ...NO_FAULTS, doubled: 1 });
  });

  it("are taken, each by its name", () => {
    const database = ["--database-down=10", "--database-busy=5", "--database-slow=200"];
    const more = ["--lane-delay=100", "--doubled=5", "--lives=3"];
    expect(plan("--trace=burst", ...more, ...database)).toEqual({
      laneDelayMs: 100,
      databaseDownSeconds: 10,
      databaseBusyPercent: 5,
      databaseSlowMs: 200,
      doubled: 5,
      livesSeconds: 3,
    });
  });

  it.each([
    [["--lane-delay", "200"], "--lane-delay goes with --trace"],
    [["--trace=burst", "--lane-delay", "0.5"], "--lane-delay must be a whole number"],
    [["--database-down", "601"], "--database-down must be a whole number from 0 to 600"],
    [["--database-busy", "51"], "--database-busy must be a whole number from 0 to 50"],
    [["--doubled", "0"], "--doubled must be a whole number from 1 to 20"],
  ])("refuses %j with a sentence", (args, sentence) => {
    expect(() => plan(...args)).toThrow(UsageError);
    expect(() => plan(...args)).toThrow(sentence);
  });
});
