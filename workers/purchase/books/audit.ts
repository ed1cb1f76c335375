import { SHOP_CHAIN, type ChainPage } from "../../../domain/books/chain.ts";
import { encodeLine } from "../../../domain/books/export.ts";
import { refuse, type Refusal } from "../../../domain/problem.ts";
import { chainsAfter, decodeCursor, encodeCursor, isChain, type ChainCursor } from "./chains.ts";
import { ownerOf } from "./owners.ts";

/** Pages of chains exported by one call: at most 4 MB. */
const EXPORT_MAX_PAGES = 4;

/** A chain after a sequence, from its writer; `null` where there is none: no object is addressed for it. */
export async function readChain(
  env: PurchaseEnv,
  chain: string,
  after: number,
): Promise<ChainPage | null> {
  return (await isChain(env, chain)) ? ownerOf(env, chain).chain(after) : null;
}

/** A part of all chains as lines of JSON, as their writers have them; the last line says where the next begins. */
export async function exportChains(
  env: PurchaseEnv,
  cursor: string | null,
): Promise<{ ok: true; lines: string } | Refusal> {
  const start = cursor === null ? { chain: SHOP_CHAIN, after: 0 } : decodeCursor(cursor);
  if (!start)
    return refuse("validation_failed", {
      errors: [{ path: "cursor", message: "is not one of ours" }],
    });
  let at: ChainCursor | null = start;
  let ahead: string[] = [];
  const lines: string[] = [];
  for (let pages = 0; at !== null && pages < EXPORT_MAX_PAGES; pages++) {
    const { chain, after }: ChainCursor = at;
    const { head, rows }: ChainPage = await ownerOf(env, chain).chain(after);
    lines.push(...rows.map((row) => encodeLine({ kind: "row", chain, ...row })));
    const last: number = rows.at(-1)?.sequence ?? after;
    if (rows.length > 0 && last < head.sequence) {
      at = { chain, after: last };
      continue;
    }
    lines.push(encodeLine({ kind: "head", ...head }));
    if (ahead.length === 0) ahead = await chainsAfter(env, chain, EXPORT_MAX_PAGES);
    const next = ahead.shift();
    at = next === undefined ? null : { chain: next, after: 0 };
  }
  lines.push(encodeLine(at ? { kind: "next", cursor: encodeCursor(at) } : { kind: "end" }));
  return { ok: true, lines: lines.join("") };
}
