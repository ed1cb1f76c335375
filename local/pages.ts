import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buildPages } from "../web/build.ts";
import { LocalError } from "./local-error.ts";
import { BUILD_DIRECTORY, PAGES_DIRECTORY, ROOT } from "./paths.ts";
import { hashSources } from "./source-hash.ts";

/** All that the pages depend on: their sources, and the versions of the libraries. */
const SOURCES = ["web", "package-lock.json"];

/** Names the sources that the pages in place were built from. */
const STAMP = join(BUILD_DIRECTORY, "pages-hash");

/**
 * Builds the pages unless those in place are of the same sources. A running system serves these
 * files, so a second one that starts beside it must not rewrite them for nothing.
 *
 * @throws LocalError when a page does not build.
 */
export async function buildPagesIfChanged(): Promise<void> {
  const hash = await hashSources(SOURCES.map((source) => join(ROOT, source)));
  const builtFrom = await readFile(STAMP, "utf8").catch(() => undefined);
  const home = await readFile(join(PAGES_DIRECTORY, "index.html")).catch(() => undefined);
  if (builtFrom === hash && home !== undefined) return;
  await buildPagesNow(hash);
}

/** Builds the pages in any case. */
export async function rebuildPages(): Promise<void> {
  await buildPagesNow(await hashSources(SOURCES.map((source) => join(ROOT, source))));
}

async function buildPagesNow(hash: string): Promise<void> {
  try {
    await buildPages();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new LocalError(`the pages in web/ do not build: ${reason}`);
  }
  await mkdir(BUILD_DIRECTORY, { recursive: true });
  await writeFile(STAMP, hash);
}
