import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Hunted } from "./hunt.ts";

/** Where each mutant was caught when all of them were last hunted from the first seed on. */
const FILE = join(import.meta.dirname, "seen.json");

/** The seeds at which mutants were caught, by name. */
export async function readSeen(): Promise<Readonly<Record<string, number>>> {
  return JSON.parse(await readFile(FILE, "utf8")) as Record<string, number>;
}

/** Writes down where mutants were caught now; what was not hunted stays as it is. */
export async function writeSeen(
  hunted: readonly Hunted[],
  names: readonly string[],
): Promise<void> {
  const seen = new Map(Object.entries(await readSeen()));
  for (const { mutant, outcome, seed } of hunted)
    if (outcome === "killed") seen.set(mutant.name, seed);
    else seen.delete(mutant.name);
  const kept = names.flatMap((name) => (seen.has(name) ? [[name, seen.get(name)]] : []));
  await writeFile(FILE, `${JSON.stringify(Object.fromEntries(kept), null, 2)}\n`);
}
