import { join } from "node:path";
import { runCommand } from "../../../local/local-error.ts";
import { startLocal } from "../../../local/start-local.ts";
import { watchStopSignals } from "../../../local/stop-signals.ts";

// The product as `npm start` runs it, without the demo sales. With IDLE=1 the ledger's pages go nowhere,
// so that projection and payments have nothing to do; with APART=1 purchases, database and queues have a process of their own. PORT, STATE
// and ADMIN_TOKEN come from the environment.
await runCommand(async () => {
  const signals = watchStopSignals();
  const { ADMIN_TOKEN = "", APART, IDLE, PORT = "", STATE = "" } = process.env;
  const entry = join(import.meta.dirname, "idle-purchase", "index.ts");
  const system = await startLocal({
    port: Number(PORT),
    stateDirectory: STATE,
    adminToken: ADMIN_TOKEN,
    quiet: true,
    purchaseApart: APART === "1" ? { edgePort: 0 } : null,
    standIns: IDLE === "1" ? [{ role: "purchase", entry, bindings: {} }] : [],
  });
  await signals.next();
  await system.stop();
  process.exit(0);
});
