import { applyD1Migrations, type D1Migration, reset } from "cloudflare:test";
import { env } from "cloudflare:workers";

if (navigator.userAgent !== "Cloudflare-Workers")
  throw new Error("These tests belong into workerd; the Vitest configuration runs them elsewhere.");

const { DB, TEST_MIGRATIONS } = env as unknown as {
  DB: D1Database;
  TEST_MIGRATIONS: D1Migration[];
};
// The file before this one ran in the same runtime.
await reset();
await applyD1Migrations(DB, TEST_MIGRATIONS);
