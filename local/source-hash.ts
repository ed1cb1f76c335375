import { createHash } from "node:crypto";
import { readFile, readdir, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { PAGES_DIRECTORY, ROOT } from "./paths.ts";

/** Hexadecimal digits of a source hash; 64 bits are plenty to tell one state of a checkout apart. */
const HASH_DIGITS = 16;

/**
 * One hash over the names and contents of all files under the given files and folders, in a fixed
 * order, so that a step can be skipped when nothing it reads has changed. Built pages, declarations,
 * tests and folders with a dot in front are left out: no step reads them. A path that does not exist counts as
 * empty.
 */
export async function hashSources(paths: readonly string[]): Promise<string> {
  const files = (await Promise.all(paths.map(listFiles))).flat().filter(isSource).sort();
  const hash = createHash("sha256");
  for (const file of files) {
    const contents = await readFile(file);
    hash.update(`${relative(ROOT, file)}\0${contents.byteLength}\0`).update(contents);
  }
  return hash.digest("hex").slice(0, HASH_DIGITS);
}

async function listFiles(path: string): Promise<string[]> {
  const info = await stat(path).catch(() => undefined);
  if (info === undefined) return [];
  if (info.isFile()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

function isSource(file: string): boolean {
  if (file.startsWith(PAGES_DIRECTORY)) return false;
  const isHidden = relative(ROOT, file)
    .split(sep)
    .some((name) => /^\.[^.]/.test(name));
  return !isHidden && !file.endsWith(".test.ts") && !file.endsWith(".d.ts");
}
