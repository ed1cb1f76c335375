import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createTestHarness } from "wrangler";
import { runInSimulator } from "./in-simulator.ts";
import { PROGRAMS } from "./programs/index.ts";

vi.mock("cloudflare:workers", () => import("../platform/cloudflare-workers.ts"));

/** The simulator's delays differ by seed; what a program logs must not. */
const SEEDS = Array.from({ length: 10 }, (_, index) => index + 1);
/** workerd starts, and repeats a failed alarm after two seconds; the machine may be busy. */
const TIMEOUT_MS = 60_000;

const workerd = createTestHarness({
  workers: [{ configPath: "sim/conformance/wrangler.toml" }],
});
/** The logs of all programs in workerd, which runs them side by side. */
const real = new Map<string, Promise<string[]>>();

async function runInWorkerd(program: string): Promise<string[]> {
  const answer = await workerd.fetch(`/${encodeURIComponent(program)}`);
  if (!answer.ok) throw new Error(`in workerd: ${await answer.text()}`);
  return (await answer.json()) as string[];
}

beforeAll(async () => {
  await workerd.listen();
  for (const program of Object.keys(PROGRAMS)) real.set(program, runInWorkerd(program));
  await Promise.allSettled(real.values());
}, TIMEOUT_MS);
afterAll(() => workerd.close());

/** The same small programs over the same objects, in workerd and in the simulator. */
describe("the simulator does what workerd does", () => {
  it.each(Object.entries(PROGRAMS))("%s", async (program, { differs }) => {
    const lines = await real.get(program);
    expect(lines).not.toHaveLength(0);
    for (const seed of SEEDS)
      expect(await runInSimulator(program, seed)).toEqual(differs?.simulated ?? lines);
    if (differs) expect(lines).not.toEqual(differs.simulated);
  });
});
