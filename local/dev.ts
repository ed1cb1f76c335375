import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { parseEnv } from "node:util";
import { LocalError, runCommand } from "./local-error.ts";
import { rebuildPages } from "./pages.ts";
import { ROOT, WORKER_CONFIGS } from "./paths.ts";
import type { WorkerRole } from "./paths.ts";
import {
  makeAdminToken,
  makeLogKeys,
  makeTokenKeys,
  makeWebhookSecret,
  readIfPresent,
  writeSecretFile,
} from "./secrets.ts";
import { runWrangler, wranglerEnvironment, wranglerProgram } from "./wrangler-cli.ts";

/** One folder for all three Workers: by default each command would take the one of its config. */
const PERSIST_DIRECTORY = join(ROOT, ".wrangler/state");

// `npm run dev`: the three Workers with reload on every change, for editing. Slower than `npm start`:
// wrangler logs every request and keeps a trace of it. X_LOCAL_OBSERVABILITY=false in the environment
// leaves the traces out. Further arguments, such as `--port 8790`, go to `wrangler dev`.
await runCommand(async () => {
  const { adminToken } = await prepareSecrets();
  await rebuildPages();
  await migrate();
  console.error(`ropeline: the local admin token is ${adminToken}`);
  process.exitCode = await runDev(adminToken, process.argv.slice(2));
});

/** Writes the `.dev.vars` of the Workers where they are missing. */
async function prepareSecrets(): Promise<{ adminToken: string }> {
  const gatewayFile = devVarsOf("gateway");
  const kept = await readIfPresent(gatewayFile);
  if (kept === undefined) {
    const lines = [`TOKEN_KEYS="${makeTokenKeys()}"`, `ADMIN_TOKEN="${makeAdminToken()}"`];
    await writeSecretFile(gatewayFile, `${lines.join("\n")}\n`);
  }
  const { TOKEN_KEYS, ADMIN_TOKEN } = parseEnv(kept ?? (await readIfPresent(gatewayFile)) ?? "");
  const adminToken = process.env["ADMIN_TOKEN"] ?? ADMIN_TOKEN;
  if (TOKEN_KEYS === undefined || adminToken === undefined) {
    throw new LocalError(
      `${gatewayFile} lacks TOKEN_KEYS or ADMIN_TOKEN. Delete it to get a new one.`,
    );
  }
  const purchaseFile = devVarsOf("purchase");
  const { SANDBOX_WEBHOOK_SECRET } = parseEnv((await readIfPresent(purchaseFile)) ?? "");
  if (SANDBOX_WEBHOOK_SECRET === undefined) {
    const secret = `SANDBOX_WEBHOOK_SECRET="${makeWebhookSecret()}"`;
    await writeSecretFile(purchaseFile, `TOKEN_KEYS="${TOKEN_KEYS}"\n${secret}\n`);
  }
  const waitingRoomFile = devVarsOf("waiting-room");
  if ((await readIfPresent(waitingRoomFile)) === undefined)
    await writeSecretFile(waitingRoomFile, `LOG_KEYS="${makeLogKeys()}"\n`);
  return { adminToken };
}

async function migrate(): Promise<void> {
  const args = ["--local", "--config", configOf("purchase"), "--persist-to", PERSIST_DIRECTORY];
  const result = await runWrangler(["d1", "migrations", "apply", "ropeline", ...args]);
  if (result.exitCode === 0) return;
  throw new LocalError(`the local database does not migrate. Wrangler says:\n\n${result.output}`);
}

/** Runs `wrangler dev` in this terminal until it ends; returns its exit code. */
function runDev(adminToken: string, extraArgs: readonly string[]): Promise<number> {
  const configs = WORKER_CONFIGS.flatMap(({ config }) => ["--config", config]);
  // Wrangler binds from `.dev.vars` only what the configuration declares, and the deployed system
  // knows neither of these two.
  const variables = ["--var", `ADMIN_TOKEN:${adminToken}`];
  const args = ["dev", ...configs, "--persist-to", PERSIST_DIRECTORY, ...variables, ...extraArgs];
  const child = spawn(process.execPath, [wranglerProgram(), ...args], {
    cwd: ROOT,
    env: wranglerEnvironment(),
    stdio: "inherit",
  });
  // Ctrl-C reaches wrangler by itself; it stops in its own way and this process waits for it.
  process.on("SIGINT", () => undefined);
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 0));
  });
}

function configOf(role: WorkerRole): string {
  const worker = WORKER_CONFIGS.find((candidate) => candidate.role === role);
  if (worker === undefined) throw new Error(`no Worker has the role ${role}`);
  return worker.config;
}

function devVarsOf(role: WorkerRole): string {
  return join(dirname(configOf(role)), ".dev.vars");
}
