import { and, asc, eq, gt, lte } from "drizzle-orm";
import { auditEntries, ledgerEvents } from "../../../d1/schema.ts";
import {
  skuOf,
  CHAIN_PAGE_MAX_ROWS,
  chainHash,
  factIn,
  SHOP_CHAIN,
  type ChainHead,
  type ChainPage,
  type ChainRow,
} from "../../../domain/books/chain.ts";
import type { Finding } from "../../../domain/books/finding.ts";
import { compareMirror, type MirrorRow } from "../../../domain/books/mirror.ts";
import { ChainCheck } from "../../../domain/books/verify.ts";
import { refuse, type Refusal } from "../../../domain/problem.ts";
import type { Runtime } from "../../../durable-objects/runtime.ts";
import { database } from "../database.ts";
import { checkAnchors } from "./anchors.ts";
import { chainsAfter, decodeCursor, encodeCursor, type ChainCursor } from "./chains.ts";
import { auditLogOf, ownerOf } from "./owners.ts";

/** Pages of chains verified by one call: some seconds of work for a shop of many short chains or few long ones. */
const VERIFY_MAX_PAGES = 10;
/** Findings of one call: more say no more. */
const FINDINGS_MAX = 100;
/** Rows before the cursor that are read again, so that the next can be judged as if there had been no break. */
const OVERLAP_ROWS = 2;
/** The database's rows of a page: those that came meanwhile, too. */
const MIRROR_MAX_ROWS = CHAIN_PAGE_MAX_ROWS + 100;
/** A chain at rest is anchored within hours of its last row; after this long nobody anchors any more. */
const UNANCHORED_AFTER_MS = 24 * 3_600_000;

/** What one call has verified. */
export interface Verified {
  ok: boolean;
  /** Chains that came to their end. */
  chains: number;
  rows: number;
  findings: Finding[];
  /** Where the next call goes on; `null` when everything has been verified. */
  cursor: string | null;
}

/**
 * Verifies all chains of the shop, a bounded part a call: each row against the one before and against the
 * database's copy of it, each chain against its head, and every anchor against the row that it names.
 */
export async function verify(
  env: PurchaseEnv,
  runtime: Runtime,
  cursor: string | null,
): Promise<({ ok: true } & { verified: Verified }) | Refusal> {
  const start = cursor === null ? { chain: SHOP_CHAIN, after: 0 } : decodeCursor(cursor);
  if (!start)
    return refuse("validation_failed", {
      errors: [{ path: "cursor", message: "is not one of ours" }],
    });
  const verified: Verified = { ok: true, chains: 0, rows: 0, findings: [], cursor: null };
  let at: ChainCursor | null = start;
  let ahead: string[] = [];
  for (let pages = 0; at !== null && pages < VERIFY_MAX_PAGES; pages++) {
    const page = await verifyPage(env, at, runtime.now());
    verified.rows += page.rows;
    // The pages behind a fork are on its other side.
    for (const finding of page.findings)
      if (finding.kind !== "forked" || !isTold(verified.findings, finding))
        verified.findings.push(finding);
    if (page.through !== null) {
      at = { chain: at.chain, after: page.through };
      continue;
    }
    verified.chains += 1;
    if (ahead.length === 0) ahead = await chainsAfter(env, at.chain, VERIFY_MAX_PAGES);
    const next = ahead.shift();
    at = next === undefined ? null : { chain: next, after: 0 };
  }
  verified.ok = verified.findings.length === 0;
  verified.findings = verified.findings.slice(0, FINDINGS_MAX);
  verified.cursor = at && encodeCursor(at);
  return { ok: true, verified };
}

function isTold(findings: readonly Finding[], { chain, kind, seenBy }: Finding): boolean {
  return findings.some(
    (told) => told.chain === chain && told.kind === kind && told.seenBy === seenBy,
  );
}

/** Verifies a page of a chain; `through` is where it goes on, `null` when the chain has come to its end. */
async function verifyPage(
  env: PurchaseEnv,
  { chain, after }: ChainCursor,
  nowMs: number,
): Promise<{ rows: number; findings: Finding[]; through: number | null }> {
  const from = Math.max(0, after - OVERLAP_ROWS);
  const [page, anchored] = await Promise.all([
    ownerOf(env, chain).chain(from),
    auditLogOf(env).anchored(chain),
  ]);
  const check = new ChainCheck(chain);
  check.beginAt(from);
  check.add(page.rows.filter(({ sequence }) => sequence <= after));
  const rows = page.rows.filter(({ sequence }) => sequence > after);
  const last = rows.at(-1)?.sequence ?? after;
  const isLast = rows.length === 0 || last >= page.head.sequence;
  const findings = check.add(rows);
  findings.push(...(await checkMirror(env, chain, page, { rows, after, last, isLast })));
  if (chain === SHOP_CHAIN) findings.push(...(await checkAnchors(env, rows)));
  else findings.push(...unanchored(chain, rows, anchored, nowMs));
  if (isLast) findings.push(...check.end(page.head));
  return { rows: rows.length, findings, through: isLast ? null : last };
}

/** Whether rows wait for an anchor for longer than it takes. */
function unanchored(
  chain: string,
  rows: readonly ChainRow[],
  anchored: ChainHead | null,
  nowMs: number,
): Finding[] {
  const first = (anchored?.sequence ?? 0) + 1;
  const row = rows.find(({ sequence }) => sequence === first);
  const { atMs = nowMs } = Object(row && factIn(row.text)) as { atMs?: number };
  if (nowMs - atMs <= UNANCHORED_AFTER_MS) return [];
  const detail = "It is more than a day old, and no anchor stands for it.";
  return [{ chain, sequence: first, kind: "unanchored", seenBy: "anchor", detail }];
}

interface Stretch {
  rows: ChainRow[];
  after: number;
  last: number;
  isLast: boolean;
}

async function checkMirror(
  env: PurchaseEnv,
  chain: string,
  { head, mirroredThrough = 0 }: ChainPage,
  { rows, after, last, isLast }: Stretch,
): Promise<Finding[]> {
  const mirror = await mirrorOf(env, chain, after, isLast ? Number.MAX_SAFE_INTEGER : last);
  const within = mirror.filter(({ sequence }) => sequence <= Math.max(last, head.sequence));
  const beyond = mirror.slice(within.length);
  // Where the chain has lost many rows, the database has more of them than are read at once.
  const isWhole = mirror.length < MIRROR_MAX_ROWS;
  const through = isWhole
    ? mirroredThrough
    : Math.min(mirroredThrough, mirror.at(-1)?.sequence ?? 0);
  const findings = compareMirror(chain, rows, within, through);
  return beyond.length > 0 ? [...findings, ...(await checkBeyond(env, head, beyond))] : findings;
}

/** Rows of the database behind a chain's end: they came meanwhile, or the chain was longer once. */
async function checkBeyond(
  env: PurchaseEnv,
  head: ChainHead,
  beyond: readonly MirrorRow[],
): Promise<Finding[]> {
  const now = await ownerOf(env, head.chain).head();
  const first = beyond.find(({ sequence }) => sequence > (now?.sequence ?? 0));
  if (!first) return [];
  const { chain } = head;
  const { sequence, text, hash } = first;
  const isOurs = sequence === head.sequence + 1 && chainHash(head.hash, text) === hash;
  const detail = isOurs
    ? `The database has ${beyond.length} more rows that follow the last one.`
    : "The database has a row that the chain has not.";
  return [{ chain, sequence, kind: isOurs ? "cut" : "added", seenBy: "mirror", detail }];
}

/** The database's rows of a chain after a sequence and up to one, in order. */
async function mirrorOf(
  env: PurchaseEnv,
  chain: string,
  after: number,
  through: number,
): Promise<MirrorRow[]> {
  const db = database(env);
  const name = skuOf(chain);
  if (name !== null) {
    const { sku, sequence, body: text, hash } = ledgerEvents;
    return db
      .select({ sequence, text, hash })
      .from(ledgerEvents)
      .where(and(eq(sku, name), gt(sequence, after), lte(sequence, through)))
      .orderBy(asc(sequence))
      .limit(MIRROR_MAX_ROWS);
  }
  const { chain: ofChain, sequence, body: text, hash } = auditEntries;
  return db
    .select({ sequence, text, hash })
    .from(auditEntries)
    .where(and(eq(ofChain, chain), gt(sequence, after), lte(sequence, through)))
    .orderBy(asc(sequence))
    .limit(MIRROR_MAX_ROWS);
}
