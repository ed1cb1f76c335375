/** Builds the pages: bundles, hashes, copies. Reads web/, writes web/dist. */
import { cp, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const WEB = dirname(fileURLToPath(import.meta.url));
const DIST = join(WEB, "dist");

/** The bundles; a page refers to each by the path of its source. */
const ENTRY_POINTS = [
  "src/storefront.ts",
  "src/sale.ts",
  "src/order.ts",
  "src/bank.ts",
  "src/admin.ts",
  "src/receipt.ts",
  "src/docs.ts",
  "styles/site.css",
  "styles/proof.css",
];

/** And those that load parts of themselves when they are needed. */
const SPLIT_ENTRY_POINTS = ["src/fairness.ts"];

/** Oldest browsers that get the page: all of them have `:has`, `color-mix` and top-level await. */
const BROWSERS = ["chrome111", "firefox121", "safari16.4"];

const SWAGGER_FILES = ["swagger-ui.css", "swagger-ui-bundle.js"];
const SWAGGER_DIST = join(WEB, "../node_modules/swagger-ui-dist");

/** `<!-- include name -->` in a page stands for the text of `partials/name.html`. */
const INCLUDE = /<!-- include ([a-z-]+) -->/g;

/**
 * Builds everything under web/dist from scratch: the pages with hashed scripts and styles, the
 * files of web/public, and the API documentation under docs/. Takes well under a second.
 * @throws when a source does not compile or a page names a bundle or partial that does not exist
 */
export async function buildPages(): Promise<void> {
  await rm(DIST, { recursive: true, force: true });
  await mkdir(join(DIST, "docs"), { recursive: true });
  const [bundles, partials] = await Promise.all([
    bundle(),
    readPartials(),
    cp(join(WEB, "public"), DIST, { recursive: true }),
    ...SWAGGER_FILES.map((file) => cp(join(SWAGGER_DIST, file), join(DIST, "docs", file))),
  ]);
  const pages = await listPages();
  await Promise.all(pages.map((page) => writePage(page, bundles, partials)));
}

/** Bundles every entry point; maps the path of a source to the address of its bundle. */
async function bundle(): Promise<Map<string, string>> {
  const bundles = await Promise.all([
    bundleAll(ENTRY_POINTS, false),
    // By itself: what pages share would be split off of all of them, to be waited for in turn.
    bundleAll(SPLIT_ENTRY_POINTS, true),
  ]);
  return new Map(bundles.flat());
}

async function bundleAll(entryPoints: string[], splitting: boolean): Promise<[string, string][]> {
  const { metafile } = await build({
    absWorkingDir: WEB,
    entryPoints,
    splitting,
    outdir: join(DIST, "assets"),
    entryNames: "[name]-[hash]",
    chunkNames: "[name]-[hash]",
    bundle: true,
    minify: true,
    format: "esm",
    target: BROWSERS,
    charset: "utf8",
    metafile: true,
    logLevel: "warning",
    external: ["/images/*"],
  });
  return Object.entries(metafile.outputs).flatMap(([output, { entryPoint }]) =>
    entryPoint === undefined ? [] : [[`/${entryPoint}`, `/${relative(DIST, join(WEB, output))}`]],
  );
}

async function readPartials(): Promise<Map<string, string>> {
  const files = await readdir(join(WEB, "partials"));
  return new Map(
    await Promise.all(
      files.map(async (file): Promise<[string, string]> => [
        file.replace(/\.html$/, ""),
        (await readFile(join(WEB, "partials", file), "utf8")).trimEnd(),
      ]),
    ),
  );
}

async function listPages(): Promise<string[]> {
  const entries = await readdir(WEB);
  return [...entries.filter((entry) => entry.endsWith(".html")), "docs/index.html"];
}

/** Fills a page's includes and points it at the hashed bundles. */
async function writePage(
  page: string,
  bundles: Map<string, string>,
  partials: Map<string, string>,
): Promise<void> {
  const source = await readFile(join(WEB, page), "utf8");
  const whole = source.replace(INCLUDE, (_match, name: string) => known(partials, name, page));
  const html = whole.replace(/(?<=(?:src|href)=")\/(?:src|styles)\/[^"]+/g, (path) =>
    known(bundles, path, page),
  );
  await writeFile(join(DIST, page), html);
}

function known(names: Map<string, string>, name: string, page: string): string {
  const value = names.get(name);
  if (value === undefined) {
    throw new Error(
      `web/${page} refers to "${name}", which does not exist. Known: ${[...names.keys()].join(", ")}.`,
    );
  }
  return value;
}
