import { bundleWorkers } from "./bundle.ts";
import { LocalError, runCommand } from "./local-error.ts";
import { rebuildPages } from "./pages.ts";

// `node local/build.ts` builds pages and Workers, `node local/build.ts web` the pages alone.
await runCommand(async () => {
  const [what, ...rest] = process.argv.slice(2);
  if ((what !== undefined && what !== "web") || rest.length > 0) {
    throw new LocalError(`unknown argument. Usage: npm run build [-- web]`);
  }
  await rebuildPages();
  console.error("ropeline: built the pages into web/dist");
  if (what === "web") return;
  const directory = await bundleWorkers();
  console.error(`ropeline: bundled the Workers into ${directory}`);
});
