import { availableParallelism } from "node:os";
import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

/**
 * Files at once. By itself Vitest leaves a core free, which on two is half of the machine; with more
 * than four, servers and browsers would wait for the disk.
 */
const WORKERS_MAX = 4;
const maxWorkers = Math.min(availableParallelism(), WORKERS_MAX);

/**
 * Rules and tools in Node, objects in workerd, the running system over HTTP and in a browser. Files
 * follow each other in one process: a fresh one for each costs more than most of the tests. What a
 * file leaves in objects and tables is removed before the next (test/system/setup.ts).
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "node",
          isolate: false,
          maxWorkers,
          setupFiles: ["test/support/afterwards.ts", "test/support/fresh-modules.ts"],
          // Properties and simulated sales take seconds where every core has a file to run.
          testTimeout: 30_000,
          include: ["{domain,bench,books,local,web,workers,sim,verify}/**/*.test.ts"],
        },
      },
      {
        plugins: [
          cloudflareTest(async () => ({
            main: "test/system/worker.ts",
            wrangler: { configPath: "test/system/wrangler.toml" },
            miniflare: {
              bindings: { TEST_MIGRATIONS: await readD1Migrations("d1/migrations") },
            },
          })),
        ],
        test: {
          name: "workerd",
          isolate: false,
          maxWorkers,
          include: ["{durable-objects,test/system}/**/*.test.ts"],
          setupFiles: ["test/support/afterwards.ts", "test/system/setup.ts"],
          // Properties over real tables take seconds on a busy machine.
          testTimeout: 30_000,
          // Some 300 modules, in one.
          deps: { optimizer: { ssr: { enabled: true, include: ["stripe"] } } },
        },
      },
      {
        test: {
          name: "running",
          isolate: false,
          maxWorkers,
          setupFiles: ["test/support/afterwards.ts"],
          include: ["test/running/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
    coverage: {
      provider: "istanbul",
      include: ["domain/**/*.ts", "durable-objects/**/*.ts", "workers/**/*.ts"],
      exclude: ["**/*.test.ts", "**/*.d.ts", "**/testing/**"],
      reporter: ["text-summary", "text"],
      thresholds: {
        "domain/**": { statements: 95, branches: 95, functions: 95, lines: 95 },
        "{durable-objects,workers}/**": { statements: 85, branches: 85, functions: 85, lines: 85 },
      },
    },
  },
});
