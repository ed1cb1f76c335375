import { createHash } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { SALE_ID, type World } from "../sale/world.ts";
import type { Violate } from "./item.ts";
import { shuffleIn } from "./shuffle.ts";
import { rowOf, rowsOf } from "./tables.ts";

/** A row of a chain, as its writer or the database keeps it. */
interface Row {
  sequence: number;
  text: string;
  hash: string | null;
}

/** A chain where its writer keeps it, and where the database does. */
interface Chain {
  name: string;
  written: Row[];
  mirrored: Row[];
}

/** What an entry of a trail says, read without the product's own types. */
interface Entry {
  sequence: number;
  type: string;
  actor: string;
  detail: Record<string, unknown>;
}

interface Anchored {
  heads: { chain: string; sequence: number; hash: string }[];
  root: string;
}

/** What trails have not been told to the database yet, as a sentence; `null` when it has everything. */
export function unmirroredTrail(world: World): string | null {
  for (const [name, { database }] of trailsOf(world)) {
    const marks = rowOf<{ sequence: number; through: number }>(
      database,
      `SELECT projected_through AS through, (SELECT coalesce(max(sequence), 0) FROM trail) AS sequence
       FROM trail_mark`,
    );
    if (marks && marks.through < marks.sequence)
      return `${name}: mirrored through ${marks.through} of ${marks.sequence}`;
  }
  return null;
}

/**
 * Every chain follows from its first row, the database has every row of it as its writer has, and what was anchored
 * is what stands there.
 */
export function checkChains(world: World, violate: Violate): void {
  const chains = new Map(chainsOf(world).map((chain) => [chain.name, chain]));
  for (const chain of chains.values()) {
    const { name, written, mirrored } = chain;
    const broken = brokenLink(written);
    if (broken !== null) violate("chain.follows", `${name}: row ${broken}`);
    // Pages of the version before bring no hashes.
    const mayLack = world.versions !== null;
    const differs = written.findIndex((row, at) => !isSame(row, mirrored[at], mayLack));
    if (differs >= 0 || mirrored.length !== written.length)
      violate("chain.mirrored", `${name} in the database: ${say(chain, Math.max(differs, 0))}`);
  }
  checkAnchors(chains, violate);
}

/** Everything that was done to the sale is in its chain, once. */
export function checkTrail(world: World, violate: Violate): void {
  const sequencer = world.host("QUEUE_SEQUENCER", SALE_ID).storage.database;
  const sale = rowOf<{ definition: string; control: string; controls: string }>(
    sequencer,
    "SELECT definition, control, controls FROM sale",
  );
  if (!sale) return;
  const entries = entriesOf(sequencer);
  const count = (...types: string[]): number =>
    entries.filter(({ type }) => types.includes(type)).length;
  const { version } = JSON.parse(sale.control) as { version: number };
  // A sale's name is no part of its control.
  const renamings = entries.filter(
    ({ type, detail }) =>
      type === "changed" && detail["startsAtMs"] === undefined && detail["endsAtMs"] === undefined,
  );
  const changes = count("commanded", "changed", "revoked") - renamings.length;
  if (version !== 1 + changes)
    violate("trail.complete", `${changes} changes are told of a control of version ${version}`);
  const isBrought = shuffleIn(sequencer)?.publicRandomness?.value != null;
  if (isBrought !== count("randomness_brought") > 0)
    violate("trail.complete", `a public value is there: ${isBrought}; the chain says otherwise`);
  for (const type of ["created", "started", "ended", "randomness_brought"])
    if (count(type) > 1) violate("trail.once", `the sale was ${type} ${count(type)} times`);
  const { queue } = JSON.parse(sale.definition) as { queue: Record<string, unknown> };
  const told = { ...queue };
  for (const { type, detail } of entries) if (type === "adjusted") Object.assign(told, detail);
  for (const [name, value] of Object.entries(JSON.parse(sale.controls) as object))
    // What a sale's definition says nothing of is off in the beginning.
    if ((told[name] ?? null) !== value && (told[name] !== undefined || Boolean(value)))
      violate("trail.complete", `${name} is ${String(value)}, and was told ${String(told[name])}`);
  for (const { sequence, actor } of entries)
    if (!/^(staff|shopper|system):(?!unknown)/.test(actor))
      violate("trail.actor", `entry ${sequence} was made by "${actor}"`);
}

/**
 * Nobody was put before a person without a reason: every fact of these seeds can be read and written. Only where faults
 * go on for longer than a page has tries may one meet them all, and whoever writes it at last says so.
 */
export function checkAttention(world: World, violate: Violate): void {
  for (const item of rowsOf<{ kind: string; resolved_at_ms: number | null }>(
    world.database.database,
    // What its own transaction resolved, since the page was there already, nobody has seen.
    "SELECT * FROM attention_item WHERE resolved_at_ms IS NOT created_at_ms",
  )) {
    const isPage = item.kind === "unwritable_page";
    if (isPage && item.resolved_at_ms === null) violate("attention.resolved", JSON.stringify(item));
    else if (!isPage || world.plan.rounds === 1) violate("attention.true", JSON.stringify(item));
  }
}

/** The event id of the sale's start, if its chain tells of it. */
export function startOf(world: World): string | null {
  const sequencer = world.host("QUEUE_SEQUENCER", SALE_ID).storage.database;
  const started = entriesOf(sequencer).find(({ type }) => type === "started");
  return started ? `sale/${SALE_ID}/${started.sequence}` : null;
}

function entriesOf(database: DatabaseSync): Entry[] {
  return rowsOf<{ text: string }>(database, "SELECT text FROM trail ORDER BY sequence").map(
    ({ text }) => JSON.parse(text) as Entry,
  );
}

function trailsOf(world: World): [string, { database: DatabaseSync }][] {
  return [
    [`sale/${SALE_ID}`, world.host("QUEUE_SEQUENCER", SALE_ID).storage],
    ["shop", world.host("AUDIT_LOG", "shop").storage],
  ];
}

function chainsOf(world: World): Chain[] {
  const { database } = world.database;
  const items = world.plan.items.map(({ sku }): Chain => {
    const item = world.host("SKU", sku).storage.database;
    return {
      name: `item/${sku}`,
      written: rowsOf<Row>(
        item,
        "SELECT sequence, event AS text, hash FROM ledger ORDER BY sequence",
      ),
      mirrored: rowsOf<Row>(
        database,
        "SELECT sequence, body AS text, hash FROM ledger_event WHERE sku = ? ORDER BY sequence",
        sku,
      ),
    };
  });
  const trails = trailsOf(world).map(([name, storage]): Chain => ({
    name,
    written: rowsOf<Row>(
      storage.database,
      "SELECT sequence, text, hash FROM trail ORDER BY sequence",
    ),
    mirrored: rowsOf<Row>(
      database,
      "SELECT sequence, body AS text, hash FROM audit_entry WHERE chain = ? ORDER BY sequence",
      name,
    ),
  }));
  return [...items, ...trails];
}

/** The first row that does not follow from the one before; `null` when all do. */
function brokenLink(rows: readonly Row[]): number | null {
  let before = "0".repeat(64);
  for (const [index, { sequence, text, hash }] of rows.entries()) {
    before = sha256(`${before}\n${text}`);
    const said = JSON.parse(text) as { sequence: number };
    if (sequence !== index + 1 || said.sequence !== sequence || hash !== before) return sequence;
  }
  return null;
}

function isSame(a: Row, b: Row | undefined, mayLackHash: boolean): boolean {
  if (b?.sequence !== a.sequence || b.text !== a.text) return false;
  return b.hash === a.hash || (mayLackHash && b.hash === null);
}

/** What was anchored stood there, and its one hash is of all of it. */
function checkAnchors(chains: ReadonlyMap<string, Chain>, violate: Violate): void {
  for (const { sequence, text } of chains.get("shop")?.written ?? []) {
    const { type, detail } = JSON.parse(text) as Entry;
    if (type !== "anchored") continue;
    const { heads, root } = detail as unknown as Anchored;
    for (const head of heads) {
      const row = chains.get(head.chain)?.written[head.sequence - 1];
      if (row?.hash !== head.hash)
        violate("anchor.true", `${sequence} of the shop says ${JSON.stringify(head)}`);
    }
    const lines = heads.map(({ chain, sequence, hash }) => `${chain} ${sequence} ${hash}\n`);
    if (sha256(lines.join("")) !== root) violate("anchor.root", `${sequence} of the shop`);
  }
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function say({ written, mirrored }: Chain, at: number): string {
  return `${mirrored.length} of ${written.length} rows, ${JSON.stringify([written[at], mirrored[at]])}`;
}
