import { applyD1Migrations, type D1Migration } from "cloudflare:test";
import { env } from "cloudflare:workers";

if (navigator.userAgent !== "Cloudflare-Workers")
  throw new Error("These tests belong into workerd; the Vitest configuration runs them elsewhere.");

const { DB, TEST_MIGRATIONS } = env as unknown as {
  DB: D1Database;
  TEST_MIGRATIONS: D1Migration[];
};
await applyD1Migrations(DB, TEST_MIGRATIONS);
