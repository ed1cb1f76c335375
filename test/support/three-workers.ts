import { afterAll, beforeAll } from "vitest";
import { createTestHarness } from "wrangler";
import { Client } from "./client.ts";

const TOKEN_KEYS = "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
const ADMIN_TOKEN = "admin-token-of-the-tests";
/** What signs the heads of public logs. */
const LOG_KEYS = "l1:AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA";
/** What signs the webhooks of the sandbox. */
export const SANDBOX_WEBHOOK_SECRET = "whsec_c2FuZGJveC1zZWNyZXQtb2YtdGhlLXRlc3Rz";

/** The three Workers as they are deployed, bound to each other by their own configurations, while a file's tests run. */
export function useThreeWorkers() {
  const harness = createTestHarness({
    workers: [
      { configPath: "wrangler.toml", vars: { ADMIN_TOKEN }, secrets: { TOKEN_KEYS } },
      {
        configPath: "workers/purchase/wrangler.toml",
        secrets: { TOKEN_KEYS, SANDBOX_WEBHOOK_SECRET },
      },
      { configPath: "workers/waiting-room/wrangler.toml", secrets: { LOG_KEYS } },
    ],
  });
  beforeAll(async () => {
    await harness.listen();
    await harness.getWorker("ropeline-purchase").applyD1Migrations("DB");
  });
  afterAll(() => harness.close());
  const client = new Client(
    (path, init) => harness.fetch(path, init as never) as unknown as Promise<Response>,
    ADMIN_TOKEN,
  );
  return { harness, client };
}
