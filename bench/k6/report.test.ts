import { describe, expect, it } from "vitest";
import { renderScenarios, type ScenarioRun } from "./report.ts";

const origin = {
  command: "npm run scenarios",
  at: "2026-01-01T12:00:00.000Z",
  commit: "0123456789abcdef",
  isClean: true,
  node: "v24.0.0",
  workerd: "1.0.0",
  cpus: 2,
  platform: "linux x64",
};

const RUN: ScenarioRun = {
  scenario: "herd",
  scale: 0.01,
  timeScale: 1,
  metrics: {
    iterations: { values: { count: 1000 } },
    http_reqs: { values: { count: 7654, rate: 123.4 } },
    dropped_iterations: { values: { count: 3 } },
    stock: { values: { value: 100 } },
    sold: { values: { value: 99 } },
    oversold: { values: { count: 0 }, thresholds: { "count==0": { ok: true } } },
    "http_req_duration{call:status}": {
      values: { "p(99)": 123.456 },
      thresholds: { "p(99)<100": { ok: false } },
    },
    "http_req_failed{call:poll}": { values: { rate: 0 }, thresholds: { "rate>=0": { ok: true } } },
  },
};

describe("the report of the scenarios", () => {
  const text = renderScenarios({ origin, k6: "k6 v1.0.0", runs: [RUN] });

  it("says at what scale each ran, and what came of it", () => {
    expect(text).toContain("| herd | 0.01 | 1 | 1000 | 7654 | 123 | 3 | 99 of 100 | 0 |");
  });

  it("has a line for each promise with what was found, kept or broken", () => {
    expect(text).toContain("| oversold | count==0 | 0 | kept |");
    expect(text).toContain("| http_req_duration{call:status} | p(99)<100 | 123 | **broken** |");
    expect(text).not.toContain("rate>=0");
  });

  it("says when promises broke and how long after the drop they were kept again, where they did", () => {
    expect(text).not.toContain("slow or failed");
    const metrics = {
      ...RUN.metrics,
      broken_at_s: { values: { min: 61.5 } },
      recovered_after_s: { values: { max: 4 } },
    };
    const broken = renderScenarios({ origin, k6: "k6", runs: [{ ...RUN, metrics }] });
    expect(broken).toContain("slow or failed from 61.5 s on");
    expect(broken).toContain("they still were for 4 s");
  });
});
