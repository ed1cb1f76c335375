import { sql, type SQL } from "drizzle-orm";
import { movementOf, partInTurn } from "../../../domain/books/anchor.ts";
import { saleIdOf, skuOf, type ChainHead } from "../../../domain/books/chain.ts";
import type { Runtime } from "../../../durable-objects/runtime.ts";
import { database } from "../database.ts";
import { itemIdOf, noteFindings } from "./attention.ts";
import { auditLogOf, ownerOf } from "./owners.ts";

/** A sale is at rest this long after its end: nothing of it moves by itself, and staff seldom. */
const REST_AFTER_MS = 3_600_000;
/** Chains of sales that are not at rest asked in one round: 20 of the largest sales at once … */
const BUSY_MAX_CHAINS = 400;
/** … and of sales at rest: each has its turn within some hours, however many there are. */
const RESTING_MAX_CHAINS = 20;
/** Objects asked at once: a round of the largest shop takes seconds, and wakes nobody all at once. */
const ASKED_AT_ONCE = 25;
const MINUTE_MS = 60_000;

/**
 * Anchors where the chains of all sales stand that are not at rest, and of some that are, together in the
 * shop's own chain: from then on none of them can be written anew or cut back without being found out. An
 * object that does not answer has its turn a minute later.
 */
export async function anchorChains(env: PurchaseEnv, runtime: Runtime): Promise<void> {
  const nowMs = runtime.now();
  const chains = [
    ...(await chainsInTurn(env, sql`> ${nowMs - REST_AFTER_MS}`, BUSY_MAX_CHAINS, nowMs)),
    ...(await chainsInTurn(env, sql`<= ${nowMs - REST_AFTER_MS}`, RESTING_MAX_CHAINS, nowMs)),
  ];
  const heads = await headsOf(env, chains);
  if (heads.length === 0) return;
  const answer = await auditLogOf(env).anchor(heads);
  if (!answer.ok) throw new Error(`The shop's chain answered ${answer.code}.`);
  const behind = await stillBehind(env, answer.behind);
  if (behind.length > 0) await tell(env, behind, nowMs);
}

/**
 * Those that are behind their anchors also when they are asked after them: a round that one slow object held up has
 * older heads than the round after it, which has anchored by then.
 */
async function stillBehind(env: PurchaseEnv, suspects: readonly ChainHead[]): Promise<ChainHead[]> {
  const behind: ChainHead[] = [];
  for (const { chain } of suspects) {
    const last = await auditLogOf(env).anchored(chain);
    const heads = await headsOf(env, [chain]);
    behind.push(...movementOf(heads, () => last).behind);
  }
  return behind;
}

/** Puts chains before a person that do not stand where they were anchored: somebody has changed them. */
async function tell(env: PurchaseEnv, behind: readonly ChainHead[], nowMs: number): Promise<void> {
  const findings = behind.map(({ chain, sequence }) => ({
    itemId: itemIdOf("chain_behind", chain),
    kind: "chain_behind",
    saleId: saleIdOf(chain),
    sku: skuOf(chain),
    rows: [{ table: "trail", key: `${chain} ${sequence}` }],
    detail: `The chain ${chain} ends with another row ${sequence} than was anchored. Verify it: npm run audit.`,
  }));
  console.error({ event: "anchor.behind", chains: behind.map(({ chain }) => chain) });
  await noteFindings(env.DB, findings, nowMs).run();
}

/** The chains of the sales whose end stands in this relation, or those of them whose turn it is. */
async function chainsInTurn(
  env: PurchaseEnv,
  ends: SQL,
  limit: number,
  nowMs: number,
): Promise<string[]> {
  const db = database(env);
  const chains = sql`SELECT 'sale/' || sale_id AS chain FROM sale WHERE control ->> '$.endsAtMs' ${ends}
    UNION ALL SELECT 'item/' || sku FROM sale_item JOIN sale USING (sale_id)
    WHERE control ->> '$.endsAtMs' ${ends}`;
  const [counted] = await db.all<{ count: number }>(sql`SELECT count(*) AS count FROM (${chains})`);
  const from = partInTurn(counted?.count ?? 0, limit, Math.floor(nowMs / MINUTE_MS));
  const rows = await db.all<{ chain: string }>(
    sql`SELECT chain FROM (${chains}) ORDER BY chain LIMIT ${limit} OFFSET ${from}`,
  );
  return rows.map(({ chain }) => chain);
}

async function headsOf(env: PurchaseEnv, chains: readonly string[]): Promise<ChainHead[]> {
  const heads: ChainHead[] = [];
  for (let from = 0; from < chains.length; from += ASKED_AT_ONCE) {
    const asked = chains.slice(from, from + ASKED_AT_ONCE).map((chain) => headOf(env, chain));
    heads.push(...(await Promise.all(asked)).filter((head) => head !== null));
  }
  return heads;
}

/** Where a chain stands; `null` for one that has no row yet, or whose object does not answer. */
async function headOf(env: PurchaseEnv, chain: string): Promise<ChainHead | null> {
  try {
    return await ownerOf(env, chain).head();
  } catch (error) {
    console.warn({ event: "anchor.head_failed", chain, error: String(error) });
    return null;
  }
}
