import { expect, it } from "vitest";
import { renderStages, Stages } from "./stages.ts";

it("times the parts of a run by what was read at their ends", () => {
  const readings = [
    { atMs: 1000, driver: 1, server: 2 },
    { atMs: 4000, driver: 2, server: 5 },
    { atMs: 4500, driver: 2, server: 6 },
  ];
  const stages = new Stages(() => readings.shift() ?? { atMs: 0, driver: 0, server: 0 });
  stages.begin("crowd");
  stages.begin("checks");
  const done = stages.finish();
  expect(done).toEqual([
    { name: "crowd", seconds: 3, driverCpuSeconds: 1, serverCpuSeconds: 3 },
    { name: "checks", seconds: 0.5, driverCpuSeconds: 0, serverCpuSeconds: 1 },
  ]);
  expect(renderStages(done).at(-1)).toMatch(/^all +3\.5 +1\.0 +4\.0$/);
});
