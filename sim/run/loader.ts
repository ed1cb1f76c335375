import { registerHooks } from "node:module";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const WORKERS_MODULE = new URL("../platform/cloudflare-workers.ts", import.meta.url).href;
/** The product hashes in one file; there a tenth of a simulation would be spent on keys. */
const CRYPTO_MODULE = new URL("../platform/node-crypto.ts", import.meta.url).href;
const HASHING = new URL("../../domain/hash.ts", import.meta.url).href;
/** A part of Drizzle that is asked more than anything else. */
const DRIZZLE_ENTITY = "/drizzle-orm/entity.js";
const ENTITY_MODULE = new URL("../platform/drizzle-entity.ts", import.meta.url).href;

/** A change of one source file, applied while it is loaded. */
export interface SourcePatch {
  /** Relative to the repository's root. */
  file: string;
  /** Text that stands in the file exactly once. */
  find: string;
  replace: string;
}

/** What became of the patches. */
export interface Loader {
  /** @throws Error for a patch of a file that was not loaded until now. */
  assertApplied(): void;
}

/**
 * Lets the product's own files be loaded in this thread: `cloudflare:workers` is the simulator's, and a
 * mutant's patches are applied to the real source. To be called before the first of them is imported.
 *
 * @throws Error, on import, for a patch that no longer fits its file.
 */
export function installLoader(patches: readonly SourcePatch[] = []): Loader {
  const byUrl = new Map<string, SourcePatch[]>();
  for (const patch of patches) {
    const url = new URL(`../../${patch.file}`, import.meta.url).href;
    byUrl.set(url, [...(byUrl.get(url) ?? []), patch]);
  }
  const applied = new Set<string>();
  registerHooks({
    resolve: (specifier, context, next) => {
      if (specifier === "cloudflare:workers") return { url: WORKERS_MODULE, shortCircuit: true };
      if (specifier === "node:crypto" && context.parentURL === HASHING)
        return { url: CRYPTO_MODULE, shortCircuit: true };
      const found = next(specifier, context);
      return found.url.endsWith(DRIZZLE_ENTITY)
        ? { url: ENTITY_MODULE, shortCircuit: true }
        : found;
    },
    load: (url, context, next) => {
      const wanted = byUrl.get(url);
      if (!wanted) return next(url, context);
      applied.add(url);
      const source = patched(readFileSync(fileURLToPath(url), "utf8"), wanted);
      return { format: "module-typescript", source, shortCircuit: true };
    },
  });
  return {
    assertApplied: () => {
      for (const [url, [patch]] of byUrl)
        if (!applied.has(url)) throw new Error(`Nothing loads ${patch?.file}: its patch is void.`);
    },
  };
}

/** Applies patches to a source text. */
export function patched(source: string, patches: readonly SourcePatch[]): string {
  let text = source;
  for (const { file, find, replace } of patches) {
    const parts = text.split(find);
    if (parts.length !== 2)
      throw new Error(
        `The patch of ${file} fits ${parts.length - 1} times, not once:\n${find}\nBring it up to date with the source.`,
      );
    text = parts.join(replace);
  }
  return text;
}
