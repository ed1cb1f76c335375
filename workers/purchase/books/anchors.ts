import { sql } from "drizzle-orm";
import { auditEntries, ledgerEvents } from "../../../d1/schema.ts";
import type { ChainHead, ChainRow } from "../../../domain/books/chain.ts";
import { anchorIn, checkRoot } from "../../../domain/books/export.ts";
import type { Finding } from "../../../domain/books/finding.ts";
import { database } from "../database.ts";
import { isChainName } from "./chains.ts";
import { ownerOf } from "./owners.ts";

/** Anchored rows that writers are asked for by one page of anchors, beyond those that the database has. */
const ASKED_MAX_ROWS = 100;

/**
 * What is wrong with the anchors in rows of the shop's chain: that their root is not theirs, or that a row which
 * they name is another, or gone. The database is asked for all of them at once; where it disagrees, which a page
 * of its own rows tells, the writer has the word. Of a chain the first anchor that fails is told.
 */
export async function checkAnchors(
  env: PurchaseEnv,
  rows: readonly ChainRow[],
): Promise<Finding[]> {
  const findings: Finding[] = [];
  const heads: ChainHead[] = [];
  for (const { sequence, text } of rows) {
    const anchor = anchorIn(text);
    if (!anchor) continue;
    findings.push(...checkRoot(sequence, anchor));
    heads.push(...anchor.heads);
  }
  const doubtful = await notInDatabase(env, heads);
  const failed = new Set<string>();
  for (const head of doubtful.slice(0, ASKED_MAX_ROWS)) {
    if (failed.has(head.chain)) continue;
    const finding = await checkAnchor(env, head);
    if (!finding) continue;
    failed.add(head.chain);
    findings.push(finding);
  }
  return findings;
}

async function notInDatabase(env: PurchaseEnv, heads: readonly ChainHead[]): Promise<ChainHead[]> {
  if (heads.length === 0) return [];
  const asked = sql`SELECT value ->> '$.chain' AS chain, value ->> '$.sequence' AS sequence,
    value ->> '$.hash' AS hash FROM json_each(${JSON.stringify(heads)})`;
  return database(env).all<ChainHead>(
    sql`SELECT asked.chain, asked.sequence, asked.hash FROM (${asked}) AS asked
      LEFT JOIN ${ledgerEvents} AS event
        ON asked.chain = 'item/' || event.sku AND event.sku = substr(asked.chain, 6)
        AND event.sequence = asked.sequence
      LEFT JOIN ${auditEntries} AS entry
        ON entry.chain = asked.chain AND entry.sequence = asked.sequence
      WHERE coalesce(event.hash, entry.hash, '') <> asked.hash`,
  );
}

async function checkAnchor(
  env: PurchaseEnv,
  { chain, sequence, hash }: ChainHead,
): Promise<Finding | null> {
  if (!isChainName(chain)) {
    const detail = "There is no chain of this name: somebody has changed the anchor.";
    return { chain, sequence, kind: "unreadable", seenBy: "anchor", detail };
  }
  const page = await ownerOf(env, chain).chain(sequence - 1);
  const row = page.rows[0]?.sequence === sequence ? page.rows[0] : null;
  if (row?.hash === hash) return null;
  const through = page.head.sequence;
  if (!row && through < sequence) {
    const detail = `Row ${sequence} was anchored; the last that is there is row ${through}.`;
    return { chain, sequence: through + 1, kind: "cut", seenBy: "anchor", detail };
  }
  const detail =
    "It is not the row that was anchored: from here on, or from a row up to it, the chain was written anew.";
  return { chain, sequence, kind: "forked", seenBy: "anchor", detail };
}
