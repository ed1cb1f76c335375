import { setTimeout as sleep } from "node:timers/promises";
import { parseOrExplain, runMain, UsageError } from "../bench/options.ts";
import { renderTable } from "../bench/table.ts";
import { withShop } from "./command.ts";
import { drill, type Comparison } from "./drill.ts";

/** The projection is looked at again after this, while it is behind. */
const SETTLE_MS = 1_000;

/** Where `npm start` listens unless told otherwise. */
const USUAL_URL = "http://127.0.0.1:8787";

const USAGE = `npm run rebuild -- [url]       makes the tables of a shop anew from its chains, and compares them
  --restore       puts right what differs where it may be changed, and adds what is missing
  --admin-token   of the shop; else ADMIN_TOKEN, or that of the shop that runs here`;

// `npm run rebuild`: the restore drill. Exit code 1 when a table is not what its chains come to.
await runMain(async (args) => {
  const { values, positionals } = parseOrExplain({
    args: [...args],
    options: {
      "admin-token": { type: "string" },
      restore: { type: "boolean" },
      help: { type: "boolean" },
    },
    allowPositionals: true,
  });
  const [url = USUAL_URL, ...others] = positionals;
  if (values.help === true) {
    console.log(USAGE);
    return 0;
  }
  if (others.length > 0) throw new UsageError(`Which shop is not clear.\n${USAGE}\n`);
  return withShop(url, values["admin-token"], async (shop) => {
    const startedAtMs = performance.now();
    const { read, found, after } = await drill(shop, values.restore === true, () =>
      sleep(SETTLE_MS),
    );
    const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1);
    console.log(`${read} rows of chains were read and compared in ${seconds} s`);
    print(found);
    if (after === null) return found.isEqual ? 0 : 1;
    if (!found.isEqual) {
      console.log("\nAfter that:");
      print(after);
    }
    return after.isEqual ? 0 : 1;
  });
});

function print({ tables, isEqual }: Comparison): void {
  const counts = ["rows", "newer", "missing", "surplus", "different", "mended"] as const;
  const lines = [
    ["table", ...counts],
    ...tables.map((row) => [row.table, ...counts.map((count) => String(row[count]))]),
  ];
  for (const line of renderTable(lines, [0])) console.log(line);
  for (const { table, named } of tables)
    for (const { verdict, key } of named) console.log(`${table}: ${verdict} ${key}`);
  console.log(isEqual ? "equal, row by row" : "not equal");
}
