import { type Random, seededRandom } from "../domain/random.ts";
import { type Breach, breachOf } from "./breach.ts";
import { checkAll } from "./checks.ts";
import { versionsSurvive } from "./checks-resume.ts";
import { machineClock } from "./clock.ts";
import type { Crowd } from "./crowd.ts";
import { checkRestart, type Kill, killAndRestart } from "./kill.ts";
import { fallbacksFor, KILL_OPTIONS, killsOf, rateFor, soldAtKill } from "./kill-plan.ts";
import { type Numbers, parseOptions, runMain, usage } from "./options.ts";
import { type KillableSystem, startOwnServer } from "./own-server.ts";
import { parsePaymentMix } from "./payments.ts";
import { showProgress } from "./progress.ts";
import { figuresOf, type FloodFigures, renderReport } from "./report.ts";
import {
  evidenceOf,
  openLongestMs,
  planOf,
  prepareRun,
  repeatPurchases,
  type Run,
  type RunPlan,
} from "./run.ts";
import { originOf, savedOf, writeJson, type KillFigures } from "./saved.ts";
import type { ServerProcess } from "./server-process.ts";

/** How often the driver looks whether it is time: a sale of 300 units lasts a few seconds. */
const KILL_LOOK_MS = 20;
/** Then it waits up to this long, so that a kill hits whatever is going on. */
const KILL_LATER_MAX_MS = 300;
/** Of many kills, all but the last are followed by so many joins; the last one by everybody's. */
const PLACES_COMPARED_MAX = 100;
/** When no kill is left, nothing has to last. */
const RATE_AFTERWARDS = 600;
/** No shopper's stream of the seeded generator. */
const KILL_STREAM = -5;

/** What the kills came to, beside the figures of the flood. */
interface KilledFlood extends FloodFigures {
  kills: KillFigures;
}

async function floodAcrossKills(
  { adminToken, server }: KillableSystem,
  plan: RunPlan,
  numbers: Numbers,
  kills: number,
): Promise<KilledFlood> {
  const run = await prepareRun(server.url, adminToken, plan, numbers);
  try {
    const { sale, crowd, meter } = run;
    const startMs = machineClock.nowMs();
    const stopProgress = showProgress(crowd, sale.stock);
    const random = seededRandom(numbers.seed, KILL_STREAM);
    const [, killed] = await Promise.all([crowd.run(), killMany(server, run, kills, random)]);
    stopProgress();
    const seconds = (machineClock.nowMs() - startMs) / 1000;
    const { last, breaches, placesCompared, secondsToReady, whileSelling } = killed;
    await repeatPurchases(crowd, last.snapshot);
    const evidence = await evidenceOf(run, sale, openLongestMs(plan));
    // What was told before an earlier kill was told before the last one, too.
    const all = [
      ...breaches,
      ...everyKillHits(kills, whileSelling),
      ...versionsSurvive(last.snapshot, evidence.orders),
      ...checkAll(evidence),
    ];
    return {
      ...figuresOf(evidence, all, meter, seconds),
      kills: {
        count: kills,
        whileSelling,
        placesCompared,
        secondsToReady: {
          p50: secondsToReady.toSorted((one, other) => one - other)[Math.floor(kills / 2)] ?? 0,
          max: Math.max(...secondsToReady),
        },
      },
    };
  } finally {
    await run.close();
  }
}

/** The last kill, and what all of them came to. */
interface Killed {
  last: Kill;
  breaches: Breach[];
  whileSelling: number;
  placesCompared: number;
  /** One a kill. */
  secondsToReady: number[];
}

/** Kills the server again and again while the sale goes on, and judges after each what is there again. */
async function killMany(
  server: ServerProcess,
  run: Run,
  kills: number,
  random: Random,
): Promise<Killed> {
  const { admin, crowd, sale } = run;
  const leadLine = (newUsersPerMinute: number): Promise<boolean> =>
    admin.changeLine(sale.saleId, { newUsersPerMinute, reason: "kills that are left" });
  let killedAtMs = 0;
  const kill = async (nth: number): Promise<Kill> => {
    await untilSold(crowd, soldAtKill(nth, kills, sale.stock), nth);
    await machineClock.sleep(random() * KILL_LATER_MAX_MS);
    killedAtMs = machineClock.nowMs();
    const places = nth < kills ? { places: { max: PLACES_COMPARED_MAX, random } } : {};
    return killAndRestart(server, run, { what: `Kill ${nth} of ${kills}`, ...places });
  };
  const killed: Killed = {
    last: await kill(1),
    breaches: [],
    whileSelling: 0,
    placesCompared: 0,
    secondsToReady: [],
  };
  for (let nth = 1; ; nth += 1) {
    const { last } = killed;
    killed.breaches.push(...checkRestart(last, sale.stock));
    killed.placesCompared += last.comparisons.length;
    killed.secondsToReady.push(last.secondsToReady);
    const sold = last.snapshot.filter(({ end }) => end === "bought").length;
    if (sold < sale.stock) killed.whileSelling += 1;
    if (nth === kills) {
      if (kills > 1) await leadLine(RATE_AFTERWARDS);
      return killed;
    }
    const unitsLeft = soldAtKill(kills, kills, sale.stock) - crowd.counts().bought;
    const secondsAway = (machineClock.nowMs() - killedAtMs) / 1000;
    await leadLine(rateFor(unitsLeft, kills - nth, secondsAway));
    killed.last = await kill(nth + 1);
  }
}

/** A kill when all is sold shows little. */
function everyKillHits(kills: number, whileSelling: number): Breach[] {
  const failures =
    whileSelling < kills ? [`${kills - whileSelling} of ${kills} came when all was sold`] : [];
  return breachOf("unfinished", "every kill comes while the sale goes on", failures);
}

async function untilSold(crowd: Crowd, units: number, nth: number): Promise<void> {
  while (crowd.counts().bought < units) {
    if (crowd.counts().ended === crowd.shoppers.length) {
      throw new Error(`the flood was over before kill ${nth}; give it more --shoppers or --stock`);
    }
    await machineClock.sleep(KILL_LOOK_MS);
  }
}

async function main(args: readonly string[]): Promise<number> {
  const asked = parseOptions(args, {}, KILL_OPTIONS);
  const kills = asked === null ? 1 : killsOf(asked);
  const fallbacks = fallbacksFor(
    kills,
    asked?.given.includes("stock") ? asked.numbers.stock : null,
  );
  const options = parseOptions(args, fallbacks, KILL_OPTIONS);
  if (options === null) {
    console.log(usage("node bench/kill-resume.ts", fallbacks, KILL_OPTIONS));
    return 0;
  }
  const plan = planOf(options.numbers, parsePaymentMix(options.texts.payments ?? ""));
  const system = await startOwnServer();
  try {
    const figures = await floodAcrossKills(system, plan, options.numbers, kills);
    console.log(renderReport(figures));
    const { placesCompared, secondsToReady } = figures.kills;
    console.log(
      `${kills} kills: ready again after ${secondsToReady.max.toFixed(1)} s at most, ${placesCompared} places compared, ${figures.breaches.length} promises broken`,
    );
    const { report, save } = options.texts;
    if (report !== undefined) await writeJson(report, figures);
    if (save !== undefined) {
      const saved = savedOf("kills", await originOf("flood:kill", args), figures);
      await writeJson(save, { ...saved, kills: figures.kills });
    }
    return figures.breaches.length === 0 ? 0 : 1;
  } finally {
    await system.stop();
  }
}

await runMain(main);
