import { registerHooks } from "node:module";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const WORKERS_MODULE = new URL("../platform/cloudflare-workers.ts", import.meta.url).href;

/** A change of one source file, applied while it is loaded. */
export interface SourcePatch {
  /** Relative to the repository's root. */
  file: string;
  /** Text that stands in the file exactly once. */
  find: string;
  replace: string;
}

/**
 * Lets the product's own files be loaded in this thread: `cloudflare:workers` is the simulator's, and a
 * mutant's patches are applied to the real source. To be called before the first of them is imported.
 *
 * @throws Error, on import, for a patch that no longer fits its file.
 */
export function installLoader(patches: readonly SourcePatch[] = []): void {
  const byUrl = new Map<string, SourcePatch[]>();
  for (const patch of patches) {
    const url = new URL(`../../${patch.file}`, import.meta.url).href;
    byUrl.set(url, [...(byUrl.get(url) ?? []), patch]);
  }
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === "cloudflare:workers"
        ? { url: WORKERS_MODULE, shortCircuit: true }
        : next(specifier, context),
    load: (url, context, next) => {
      const wanted = byUrl.get(url);
      if (!wanted) return next(url, context);
      const source = patched(readFileSync(fileURLToPath(url), "utf8"), wanted);
      return { format: "module-typescript", source, shortCircuit: true };
    },
  });
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
