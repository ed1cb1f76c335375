import { expect, it } from "vitest";
import { serverRuns, severalTraces } from "./every-trace.ts";
import { traceNames } from "./trace.ts";

it("runs every trace there is once, and those that wait for payments on a faster server", async () => {
  const names = await severalTraces("every");
  const servers = serverRuns(names ?? [], 2);
  expect(servers.flatMap(({ runs }) => runs.map(({ name }) => name)).toSorted()).toEqual(
    await traceNames(),
  );
  expect(servers.map(({ timeScale }) => timeScale)).toEqual([1, 60]);
  expect(servers.at(-1)?.runs).toEqual([{ name: "bad-day", scale: 2 }]);
  expect(servers[0]?.runs.find(({ name }) => name === "burst")?.scale).toBe(0.5);
});

it("takes several names, and leaves one alone", async () => {
  expect(await severalTraces("burst,drain")).toEqual(["burst", "drain"]);
  expect(await severalTraces("burst")).toBeNull();
});
