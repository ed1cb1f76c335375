import { ShopError, type Shop } from "./shop.ts";

/** Steps of one drill: each reads some thousand events, or compares as many rows. */
const STEPS_MAX = 1_000_000;
/** Rows that are named of each table. */
const NAMED_MAX = 10;

/** What differs in a table, as `POST /admin/rebuild` tells it a step at a time. */
export interface TableDifferences {
  table: string;
  rows: number;
  newer: number;
  missing: number;
  surplus: number;
  different: number;
  mended: number;
  named: { verdict: string; key: string }[];
}

/** One comparison of all tables, in the order in which they were compared. */
export interface Comparison {
  tables: TableDifferences[];
  isEqual: boolean;
}

/** What a drill came to. */
export interface Drill {
  /** Rows of chains that the tables were made of. */
  read: number;
  /** The tables as they were found; what was put right is counted. */
  found: Comparison;
  /** Compared once more after something was to be put right. */
  after: Comparison | null;
}

interface Step {
  phase: "read" | "settle" | "mend" | "check";
  read: number;
  tables: TableDifferences[];
  cursor?: string;
}

/**
 * Rebuilds the projection of a shop and compares it with the one in use, step by step. `pause` is waited for while
 * the projection is behind; `told` hears of each step.
 */
export async function drill(
  shop: Pick<Shop, "post">,
  restore: boolean,
  pause: () => Promise<unknown>,
  told: (phase: Step["phase"], read: number) => void = () => {},
): Promise<Drill> {
  const found = new Map<string, TableDifferences>();
  const after = new Map<string, TableDifferences>();
  let read = 0;
  let cursor: string | undefined;
  for (let steps = 0; steps < STEPS_MAX; steps++) {
    const body = cursor === undefined ? { restore } : { restore, cursor };
    const step = JSON.parse(await shop.post("/rebuild", body)) as Step;
    read += step.read;
    told(step.phase, read);
    for (const differences of step.tables) {
      const isAfter = restore && step.phase === "check";
      if (!isAfter) add(found, differences);
      // What reading the chains has shown is not looked at again, and is not put right either.
      if (isAfter || step.phase === "read") add(after, differences);
    }
    cursor = step.cursor;
    if (cursor === undefined)
      return { read, found: comparisonOf(found), after: restore ? comparisonOf(after) : null };
    if (step.phase === "settle") await pause();
  }
  throw new ShopError(`The rebuild has more than ${STEPS_MAX} steps.`);
}

/** What later steps find of a table is added to what earlier ones found. */
function add(tables: Map<string, TableDifferences>, more: TableDifferences): void {
  const known = tables.get(more.table);
  if (!known) {
    tables.set(more.table, { ...more });
    return;
  }
  for (const count of ["rows", "newer", "missing", "surplus", "different", "mended"] as const)
    known[count] += more[count];
  known.named = [...known.named, ...more.named].slice(0, 3 * NAMED_MAX);
}

function comparisonOf(tables: Map<string, TableDifferences>): Comparison {
  const compared = [...tables.values()];
  const isEqual = compared.every((table) => table.missing + table.surplus + table.different === 0);
  return { tables: compared, isEqual };
}
