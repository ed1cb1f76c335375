import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { bundlesWith } from "../../local/bundle.ts";
import type { WorkerRole } from "../../local/paths.ts";

/** Files of the drivers of load and of the local runtime that a Worker's bundle has in it. */
async function strangersIn(directory: string): Promise<string[]> {
  const code = await readFile(join(directory, "index.js"), "utf8");
  return [...code.matchAll(/^\/\/ (?:\.\.\/)*((?:bench|local)\/\S+)$/gm)].map(
    ([, file]) => file ?? "",
  );
}

it("deploys nothing that aborts objects, doubles messages or spoils a database", async () => {
  const roles: WorkerRole[] = ["gateway", "purchase", "waiting-room"];
  const deployed = await bundlesWith([]);
  for (const role of roles) expect([role, await strangersIn(deployed[role])]).toEqual([role, []]);

  const entry = join(import.meta.dirname, "../../bench/faults/waiting-room/index.ts");
  const spoilt = await bundlesWith([{ role: "waiting-room", entry, bindings: {} }]);
  expect(await strangersIn(spoilt["waiting-room"])).toContain("bench/faults/deaths.ts");
});
