import type { ChainHead } from "../domain/books/chain.ts";
import { decodeLine, ExportCheck } from "../domain/books/export.ts";
import type { Finding } from "../domain/books/finding.ts";
import type { Shop } from "./shop.ts";

/** Parts of a verification or an export; a cursor that never ends is a fault. */
const PARTS_MAX = 1_000_000;

/** What a verification came to. */
export interface Verification {
  chains: number;
  rows: number;
  findings: Finding[];
}

/** Verifies an export from its lines, offline; `known` are the heads of an earlier one. */
export async function verifyLines(
  lines: AsyncIterable<string>,
  known: readonly ChainHead[] = [],
): Promise<Verification> {
  const check = new ExportCheck(known);
  const findings: Finding[] = [];
  for await (const line of lines) findings.push(...check.add(line));
  findings.push(...check.end());
  return { ...check.counts, findings };
}

/** The heads in an export. */
export async function headsIn(lines: AsyncIterable<string>): Promise<ChainHead[]> {
  const heads: ChainHead[] = [];
  for await (const text of lines) {
    const line = decodeLine(text);
    if (line?.kind === "head") heads.push(line);
  }
  return heads;
}

/**
 * Verifies a running shop twice: by its own word, which covers the copies in its database, and from an export
 * that is verified here.
 */
export async function verifyShop(
  shop: Pick<Shop, "read">,
  known: readonly ChainHead[] = [],
): Promise<Verification> {
  const told = await askShop(shop);
  const { chains, rows, findings } = await verifyLines(exportLines(shop), known);
  const seen = new Map([...told, ...findings].map((finding) => [nameOf(finding), finding]));
  return { chains, rows, findings: [...seen.values()] };
}

async function askShop(shop: Pick<Shop, "read">): Promise<Finding[]> {
  const findings: Finding[] = [];
  let cursor: string | undefined;
  for (let parts = 0; parts < PARTS_MAX; parts++) {
    const part = JSON.parse(await shop.read(`/audit/verify${queryOf(cursor)}`)) as {
      findings: Finding[];
      cursor?: string;
    };
    findings.push(...part.findings);
    cursor = part.cursor;
    if (cursor === undefined) return findings;
  }
  throw new Error(`The verification has more than ${PARTS_MAX} parts.`);
}

/** The lines of a shop's export, part by part. */
export async function* exportLines(shop: Pick<Shop, "read">): AsyncGenerator<string> {
  let cursor: string | undefined;
  for (let parts = 0; parts < PARTS_MAX; parts++) {
    const text = await shop.read(`/audit/export${queryOf(cursor)}`);
    cursor = undefined;
    for (const line of text.split("\n")) {
      if (line === "") continue;
      const decoded = decodeLine(line);
      if (decoded?.kind === "next") ({ cursor } = decoded);
      else yield line;
    }
    if (cursor === undefined) return;
  }
  throw new Error(`The export has more than ${PARTS_MAX} parts.`);
}

function queryOf(cursor: string | undefined): string {
  return cursor === undefined ? "" : `?cursor=${encodeURIComponent(cursor)}`;
}

/** The same finding of both ways is one. */
function nameOf({ chain, sequence, kind, seenBy }: Finding): string {
  return `${chain} ${sequence} ${kind} ${seenBy}`;
}
