import { parseArgs } from "node:util";
import { writeJson } from "../saved.ts";
import { readSetting } from "../compare/setting.ts";
import { temporaryState } from "../system.ts";
import { measureItem } from "./item.ts";
import { measurePeers } from "./peers.ts";
import { renderIntake, type IntakeFigures } from "./report.ts";

// `npm run intake`: how many reservations a second one item's object takes through its intakes, and
// beside it the hot row of the fastest peers.
const BOUNDS = {
  intakes: { usual: 64, max: 64, about: "objects in front of the item" },
  "at-once": { usual: 62, max: 500, about: "shoppers who buy at each of them at a time" },
  shoppers: { usual: 600, max: 10_000, about: "shoppers of each of them in a round" },
  rounds: { usual: 7, max: 50, about: "rounds that are measured, after one that is not" },
} as const;
type Name = keyof typeof BOUNDS;

const USAGE = `npm run intake -- [options]
${Object.entries(BOUNDS)
  .map(([name, { about, usual }]) => `  --${name.padEnd(9)} ${about} (${usual})`)
  .join("\n")}
  --alone     without the peers
  --save      a file for the figures, as JSON`;

try {
  await main();
} catch (error) {
  if (!(error instanceof Error)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      ...Object.fromEntries(Object.keys(BOUNDS).map((name) => [name, { type: "string" }] as const)),
      alone: { type: "boolean" },
      help: { type: "boolean" },
      save: { type: "string" },
    },
  });
  if (values["help"] === true) return console.log(USAGE);
  for (const name of ["SIGINT", "SIGTERM"]) process.once(name, () => process.exit(1));
  const numberOf = (name: Name): number => whole(name, (values as Record<string, unknown>)[name]);
  const plan = {
    intakes: numberOf("intakes"),
    atOnce: numberOf("at-once"),
    shoppers: numberOf("shoppers"),
    rounds: numberOf("rounds"),
  };
  const setting = await readSetting([]);
  const state = await temporaryState();
  try {
    const item = await measureItem(plan, state.folder, (line) => console.log(line));
    const peers = values["alone"] === true ? [] : await measurePeers(item.sold);
    const figures: IntakeFigures = { plan, item, peers };
    console.log(renderIntake(figures, setting));
    if (typeof values["save"] === "string") await writeJson(values["save"], { setting, figures });
    if (item.breaches.length > 0) process.exitCode = 1;
  } finally {
    await state.remove();
  }
}

function whole(name: Name, value: unknown): number {
  const { max, usual } = BOUNDS[name];
  const number = value === undefined ? usual : Number(value);
  if (Number.isInteger(number) && number >= 1 && number <= max) return number;
  throw new Error(`--${name} must be a whole number from 1 to ${max}\n\n${USAGE}`);
}
