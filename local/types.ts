import { mkdir, readFile, writeFile } from "node:fs/promises";
import { isAbsolute, join, relative } from "node:path";
import { LocalError, runCommand } from "./local-error.ts";
import { BUILD_DIRECTORY, ROOT, WORKER_CONFIGS } from "./paths.ts";
import type { WorkerRole } from "./paths.ts";
import { hashSources } from "./source-hash.ts";
import { runWrangler } from "./wrangler-cli.ts";

/** Names the configurations that the declarations in place were made from. */
const STAMP = join(BUILD_DIRECTORY, "types-hash");

/** The runtime's own declarations come from the first configuration's compatibility date. */
const RUNTIME_DECLARATIONS = join(ROOT, "worker-configuration.d.ts");

const ENV_INTERFACES: Record<WorkerRole, string> = {
  gateway: "GatewayEnv",
  purchase: "PurchaseEnv",
  "waiting-room": "WaitingRoomEnv",
};

// `npm run types`: declares the Workers runtime and each Worker's bindings, from the same
// configurations that deploy. Takes seconds, so it is skipped while the configurations stay the same.
await runCommand(async () => {
  const configs = WORKER_CONFIGS.map(({ config }) => config);
  const hash = await hashSources([...configs, join(ROOT, "package-lock.json")]);
  if (await isUpToDate(hash)) return;
  await Promise.all([
    generate(["--config", firstOf(configs), "--include-env=false", RUNTIME_DECLARATIONS]),
    ...WORKER_CONFIGS.map(({ role, config }) => {
      // Its own configuration first; the others tell the types of what it is bound to.
      const others = configs.filter((other) => other !== config);
      const flags = ["--include-runtime=false", "--env-interface", ENV_INTERFACES[role]];
      const all = [config, ...others].flatMap((path) => ["--config", path]);
      return generate([...all, ...flags, envDeclarations(role)]);
    }),
  ]);
  await mkdir(BUILD_DIRECTORY, { recursive: true });
  await writeFile(STAMP, hash);
});

async function generate(args: readonly string[]): Promise<void> {
  // Relative paths: wrangler writes its arguments into the declarations.
  const { exitCode, output } = await runWrangler([
    "types",
    ...args.map((arg) => (isAbsolute(arg) ? relative(ROOT, arg) : arg)),
  ]);
  if (exitCode === 0) return;
  throw new LocalError(`the types could not be generated. Wrangler says:\n\n${output.trim()}`);
}

async function isUpToDate(hash: string): Promise<boolean> {
  const declarations = [
    RUNTIME_DECLARATIONS,
    ...WORKER_CONFIGS.map(({ role }) => envDeclarations(role)),
  ];
  const files = await Promise.all(
    [STAMP, ...declarations].map((path) => readFile(path, "utf8").catch(() => undefined)),
  );
  return files[0] === hash && !files.includes(undefined);
}

function envDeclarations(role: WorkerRole): string {
  return join(ROOT, "workers", role, "env.d.ts");
}

function firstOf(configs: readonly string[]): string {
  const [first] = configs;
  if (first === undefined) throw new Error("no Worker is configured");
  return first;
}
