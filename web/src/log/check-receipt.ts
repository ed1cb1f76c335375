/** Checks a receipt against the public log, by itself: nothing of what the shop says is taken for granted but its keys. */
import { isObject } from "../storage.ts";
import { sha256, toBase64, toHex, utf8, type Bytes } from "./bytes.ts";
import {
  readCheckpoint,
  readKeys,
  signerOf,
  type Checkpoint,
  type VerifierKey,
} from "./checkpoint.ts";
import { CannotCheck, LogFault, type FaultCode } from "./fault.ts";
import {
  consistencyProof,
  inclusionPath,
  isConsistent,
  isIncluded,
  leafHash,
  type PartHead,
} from "./merkle.ts";
import type { HeldReceipt } from "./receipt-file.ts";
import type { LogSource } from "./source.ts";
import { readTiles } from "./tiles.ts";

/** What is checked, in this order. */
export const CHECKS = ["own", "signed", "included", "newest", "consistent", "history"] as const;
export type CheckName = (typeof CHECKS)[number];

/** A detail for who wants to know exactly. */
export type Detail = readonly [term: string, text: string];

/** What came of a check: passed, or not, or it could not be made; with what stood in the way. */
export interface CheckResult {
  readonly name: CheckName;
  readonly error: unknown;
  readonly details: readonly Detail[];
}

/** What a log's entry of a join says. */
export interface JoinEntry {
  readonly kind?: unknown;
  readonly sale?: unknown;
  readonly number?: unknown;
  readonly index?: unknown;
  readonly arrivedAtMs?: unknown;
  readonly binding?: unknown;
}

/** A checkpoint is cached for a second: a receipt just given may be ahead of it. */
const NEWER_TRIES_MAX = 3;
const NEWER_AFTER_MS = 1_500;

/** Reads the entry of a receipt; null where it is no JSON object. */
export function readLeaf(leaf: string): JoinEntry | null {
  try {
    const entry: unknown = JSON.parse(leaf);
    return isObject(entry) ? entry : null;
  } catch {
    return null;
  }
}

/** What the checks go by, each asked for once and when it is first needed. */
interface Facts {
  readonly keys: () => Promise<VerifierKey[]>;
  /** The receipt's own head. */
  readonly own: () => Promise<Checkpoint>;
  readonly newest: () => Promise<Checkpoint & { readonly note: string }>;
  readonly parts: () => Promise<PartHead>;
}

/**
 * Makes all checks; `told` hears of each when it is made. Gives the heads to keep from now on: the newest one
 * too, unless its signature is wrong.
 */
export async function checkReceipt(
  held: HeldReceipt,
  log: LogSource,
  told: (result: CheckResult) => void,
  wait: (ms: number) => Promise<void>,
): Promise<readonly string[]> {
  const facts = gather(held.receipt, log, wait);
  const check = async (
    name: CheckName,
    make: (details: Detail[]) => Promise<void>,
  ): Promise<unknown> => {
    const details: Detail[] = [];
    const error = await make(details).then(
      () => null,
      (caught: unknown) => caught,
    );
    told({ name, error, details });
    return error;
  };
  const forks: string[] = [];
  await check("own", (details) => checkOwn(held, details));
  await check("signed", async (details) =>
    checkSigned(held.saleId, await facts.own(), facts, details),
  );
  await check("included", (details) => checkIncluded(held, facts, details));
  const newestError = await check("newest", (details) => checkNewest(held.saleId, facts, details));
  await check("consistent", async (details) => {
    await checkContains(await facts.own(), facts, details);
  });
  await check("history", (details) => checkHistory(held.heads, facts, forks, details));
  const isShown = newestError === null || newestError instanceof CannotCheck;
  return isShown ? headsToKeep(held.heads, forks, (await facts.newest()).note) : held.heads;
}

/** The newest head goes last; what contradicts it is evidence and goes before it, so that it is dropped last. */
function headsToKeep(
  heads: readonly string[],
  forks: readonly string[],
  newest: string,
): readonly string[] {
  const kept = heads.filter((note) => !forks.includes(note) && note !== newest);
  return [...kept, ...forks, newest];
}

function gather(
  receipt: HeldReceipt["receipt"],
  log: LogSource,
  wait: (ms: number) => Promise<void>,
): Facts {
  const own = later(async () => readCheckpoint(receipt.checkpoint));
  const sizeOf = (head: () => Promise<Checkpoint>): Promise<number> =>
    head().then(
      ({ size }) => size,
      () => 0,
    );
  const newest = later(async () => {
    const size = await sizeOf(own);
    for (let tries = 1; ; tries++) {
      const note = await log.checkpoint();
      const head = readCheckpoint(note);
      if (head.size >= size || tries === NEWER_TRIES_MAX) {
        return { ...head, note };
      }
      await wait(NEWER_AFTER_MS);
    }
  });
  return {
    own,
    newest,
    keys: later(async () => readKeys(await log.keys())),
    parts: later(async () =>
      readTiles(Math.max(await sizeOf(own), await sizeOf(newest)), log.tile),
    ),
  };
}

/** Does something once, when it is first asked for; who asks again gets the same, also the same failure. */
function later<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | null = null;
  return () => (made ??= make());
}

async function checkOwn(held: HeldReceipt, details: Detail[]): Promise<void> {
  details.push(["Entry", held.receipt.leaf]);
  const entry = readLeaf(held.receipt.leaf);
  if (entry?.kind !== "joined") {
    throw new LogFault("unreadable_leaf", "The entry does not tell of a join.");
  }
  if (entry.sale !== held.saleId) {
    throw new LogFault("other_sale", `The entry is of ${String(entry.sale)}, not ${held.saleId}.`);
  }
  const hash = toHex(await sha256(utf8(`${held.saleId}/${held.binding}`)));
  details.push(["Hash of your ticket’s binding", hash]);
  if (entry.binding !== hash) {
    throw new LogFault("other_shopper", `The entry says ${String(entry.binding)}.`);
  }
  // A ticket of a draw has the number later than the entry, which has the index alone.
  for (const field of ["number", "index"] as const) {
    if (entry[field] !== undefined && held[field] !== null && entry[field] !== held[field]) {
      const [told, kept] = [JSON.stringify(entry[field]), String(held[field])];
      throw new LogFault("other_place", `The entry says ${field} ${told}, your ticket ${kept}.`);
    }
  }
}

async function checkSigned(
  saleId: string,
  head: Checkpoint,
  { keys }: Facts,
  details: Detail[],
): Promise<void> {
  details.push(["Log", head.origin], ["Head", headText(head)]);
  if (!head.origin.endsWith(`/sales/${encodeURIComponent(saleId)}`)) {
    throw new LogFault("other_log", "The log is not this sale’s.");
  }
  const { name, keyId, publicKey } = await signerOf(head, await keys());
  details.push(["Signed by", `${name}+${keyId}, Ed25519 ${toBase64(publicKey)}`]);
}

async function checkIncluded(
  { receipt: { leaf, index } }: HeldReceipt,
  { own, parts }: Facts,
  details: Detail[],
): Promise<void> {
  const head = await own();
  const hash = await leafHash(utf8(leaf));
  details.push(["Entry", `${index}, from 0`], ["Hash of the entry", toBase64(hash)]);
  if (index >= head.size) {
    throw new LogFault("not_included", `The head is of ${head.size} entries only.`);
  }
  const path = await inclusionPath(await parts(), index, head.size);
  details.push(["Path to the head", hashesText(path)]);
  if (!(await isIncluded(hash, index, head, path))) {
    throw new LogFault("not_included", "The path from the entry leads to another head.");
  }
}

async function checkNewest(saleId: string, facts: Facts, details: Detail[]): Promise<void> {
  const head = await facts.newest();
  await checkSigned(saleId, head, facts, details);
  const { origin } = await facts.own();
  if (head.origin !== origin) {
    throw new LogFault("other_log", `The receipt is of ${origin}.`);
  }
}

/** That the newest head contains all that an earlier one did. */
async function checkContains(
  earlier: Checkpoint,
  { newest, parts }: Facts,
  details: Detail[],
): Promise<void> {
  const head = await newest();
  details.push(["Earlier head", headText(earlier)], ["Newest head", headText(head)]);
  if (head.size < earlier.size) {
    throw new LogFault("shorter", `It had ${earlier.size} entries and has ${head.size}.`);
  }
  const proof =
    earlier.size === 0 ? [] : await consistencyProof(await parts(), earlier.size, head.size);
  details.push(["Proof", hashesText(proof)]);
  if (!(await isConsistent(earlier, head, proof))) {
    throw new LogFault("forked", `The first ${earlier.size} entries are not those from before.`);
  }
}

async function checkHistory(
  heads: readonly string[],
  facts: Facts,
  forks: string[],
  details: Detail[],
): Promise<void> {
  let fork: LogFault | null = null;
  for (const note of heads) {
    const head = readCheckpoint(note);
    details.push(["Shown before", headText(head)]);
    try {
      await checkContains(head, facts, []);
    } catch (error) {
      if (!(error instanceof LogFault) || !FORKS.has(error.code)) {
        throw error;
      }
      forks.push(note);
      fork ??= error;
    }
  }
  if (fork !== null) {
    throw fork;
  }
}

/** Faults by which two signed heads contradict each other. */
const FORKS: ReadonlySet<FaultCode> = new Set(["forked", "shorter"]);

const headText = ({ size, head }: Checkpoint): string => `${size} entries, ${toBase64(head)}`;

const hashesText = (hashes: readonly Bytes[]): string =>
  hashes.length === 0 ? "none needed" : hashes.map(toBase64).join(" ");
