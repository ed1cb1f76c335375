import type { Verdict } from "./verify.ts";

/** Draws that are printed one by one: the method `random` has hundreds. */
const DRAWS_PRINTED_MAX = 5;
const SETTLED = "nothing is wrong";

/** What was checked and found, for people to read. */
export function reportOf(verdict: Verdict, from: string): string {
  const { findings, findingCount } = verdict;
  const lines = [
    `The log of the sale "${verdict.sale}", from ${from}`,
    ...headLines(verdict),
    ...saleLines(verdict),
    ...remarksOf(verdict).map((remark) => `  note: ${remark}`),
    "",
    ...findings.map(
      ({ check, entry, says }) => `${check}: ${entry === null ? "" : `entry ${entry}: `}${says}`,
    ),
  ];
  if (findingCount > findings.length)
    lines.push(`… and ${count(findingCount - findings.length)} more`);
  lines.push(conclusionOf(findingCount));
  return lines.join("\n");
}

/** The same for programs. */
export function reportJson(verdict: Verdict, from: string): string {
  const { checkpoint, sale, rules, findings, findingCount, tiles, kept } = verdict;
  const { draws, joins, cursor, admissions } = rules;
  const body = {
    from,
    sale,
    honest: findingCount === 0,
    findingCount,
    findings,
    origin: checkpoint.origin,
    size: checkpoint.size,
    head: checkpoint.head.toString("base64"),
    signedBy: checkpoint.signedBy?.text ?? null,
    tiles,
    kept,
    kinds: Object.fromEntries(rules.kinds),
    notChecked: Object.fromEntries(rules.unknown),
    joined: joins.count,
    numbered: draws.numbered(joins.count),
    invited: cursor.invited,
    lapsed: cursor.lapsed,
    granted: admissions.granted,
    insideMost: admissions.insideMost,
    mostIn60Seconds: admissions.rateMost,
    ends: Object.fromEntries(admissions.ends),
    draws: draws.draws.map(({ draw, joined, seed }) => ({ draw, joined, seed })),
    randomness: draws.randomness && {
      source: draws.randomness.source,
      round: draws.randomness.round,
      value: draws.randomness.value,
    },
    notes: remarksOf(verdict),
  };
  return JSON.stringify(body, null, 2);
}

function headLines({ checkpoint, tiles, kept, rules }: Verdict): string[] {
  const { size, head, signedBy, origin } = checkpoint;
  const hours = `${timeOf(rules.firstAtMs)} to ${timeOf(rules.atMs)}`;
  return [
    `  ${count(rules.count)} entries, ${hours}; ${count(tiles)} tiles of hashes compared`,
    `  head of ${count(size)} entries: ${head.toString("base64")}`,
    `  signed as ${signedBy?.text ?? `${origin}, by nobody who is known`}`,
    ...(kept > 0 ? [`  ${count(kept)} kept checkpoints and receipts held against it`] : []),
  ];
}

function saleLines({ rules }: Verdict): string[] {
  const { draws, joins, cursor, admissions } = rules;
  const ends = [...admissions.ends].map(([how, number]) => `${count(number)} ${how}`);
  return [
    `  joined ${count(joins.count)}, with a number ${count(draws.numbered(joins.count))}, invited ${count(cursor.invited)}`,
    ...drawLines(rules.draws),
    `  let in ${count(admissions.granted)}: at most ${count(admissions.insideMost)} inside at once, and ${count(admissions.rateMost)} within 60 s`,
    `  turns that ended: ${[...ends, `${count(cursor.lapsed)} never came`].join(", ")}`,
  ];
}

function drawLines({ draws, randomness }: Verdict["rules"]["draws"]): string[] {
  const lines = draws.slice(0, DRAWS_PRINTED_MAX).map(({ draw, before, joined, seed }) => {
    const who = `draw ${draw}: ${count(joined - before)} places`;
    return seed === null ? `  ${who}, not told yet` : `  ${who}, recomputed from the seed ${seed}`;
  });
  if (draws.length > lines.length) lines.push(`  … and ${draws.length - lines.length} draws more`);
  if (randomness)
    lines.push(
      `  public value mixed in: ${randomness.value}`,
      `    compare it with what ${randomness.source} published as its round ${randomness.round}`,
    );
  return lines;
}

/** What a reader should know that is nobody's fault. */
function remarksOf({ areKeysGiven, rules, tiles }: Verdict): string[] {
  const { joins, admissions, unknown } = rules;
  const kinds = [...unknown].map(([kind, number]) => `${kind} (${number})`);
  const remarks: [boolean, string][] = [
    [!areKeysGiven, "the key is the one that came with the log; give --key to trust another word"],
    [tiles === 0, "no tiles are in the file: they were not compared"],
    [kinds.length > 0, `kinds that are not known here and were not checked: ${kinds.join(", ")}`],
    [
      joins.unbound > 0,
      `${joins.unbound} joins tell no binding: second places were not looked for`,
    ],
    [
      joins.unjudged > 0,
      `${joins.unjudged} joined again, and the log does not tell yet of the end`,
    ],
    [joins.clockAheadMs > 0, `a gateway's clock was ahead by up to ${joins.clockAheadMs} ms`],
    [admissions.behindMs > 0, `the writer's clock went back by up to ${admissions.behindMs} ms`],
  ];
  return remarks.filter(([isSo]) => isSo).map(([, remark]) => remark);
}

function conclusionOf(findings: number): string {
  if (findings === 0) return SETTLED;
  return findings === 1 ? "1 thing is wrong" : `${count(findings)} things are wrong`;
}

function timeOf(atMs: number): string {
  return Number.isNaN(new Date(atMs).getTime()) ? String(atMs) : new Date(atMs).toISOString();
}

function count(number: number): string {
  return number.toLocaleString("en");
}
