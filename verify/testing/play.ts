import { writeFile } from "node:fs/promises";
import { logBinding, logOrigin, parseLogKeys, verifierKey } from "../../domain/log/note.ts";
import { drawnNumber } from "../../domain/queue/shuffle.ts";
import { QUEUE_DEFAULTS, type QueueSettings } from "../../domain/queue/settings.ts";
import type { QueueSequencer } from "../../durable-objects/queue-sequencer.ts";
import { installLoader } from "../../sim/run/loader.ts";
import { openCheckpoint, parseVerifierKey } from "../log/note.ts";
import { entriesIn, hashTilesOf, tilePath, tilesOf, type Tile } from "../log/tile.ts";
import { saveCopy } from "../source/file.ts";
import { LOG_KEYS, type Script } from "./played.ts";
import { Clock, newSequencer, NOON_MS } from "./object.ts";

/*
 * Plays a sale with the real sequencer, on a clock of its own, and saves its log as `verify-sale --save`
 * does: `node verify/testing/play.ts <file> <json of a Script>`. What a shopper does goes by the index: most
 * buy, some leave, some never come, some stay until they expire, some come back.
 */

/** What was kept while the sale ran. */
interface Kept {
  checkpoints: string[];
  receipts: { leaf: string; index: number; checkpoint: string }[];
}

const SALE = "drop";
const SHOP = "shop.example";
const STEP_MS = 250;
const STEPS_MAX = 20_000;
const LANES = 8;
const SKU = "phone";

interface Shopper {
  id: number;
  /** The index or number by which lanes name them; 0 until they have it. */
  name: number;
  number: number | null;
  /** Whether it is the second time: who came back buys. */
  isBack: boolean;
  /** When they do what they do once inside. */
  actsAtMs: number;
  expiresAtMs: number;
}

class Sale {
  readonly #script: Script;
  readonly #clock = new Clock(NOON_MS);
  readonly #sequencer: QueueSequencer;
  readonly #shoppers: Shopper[] = [];
  readonly #byNumber = new Map<number, Shopper>();
  readonly #asking = new Set<Shopper>();
  readonly #inside = new Set<Shopper>();
  #unnumbered: Shopper[] = [];
  #seen = 0;
  #finished: number[] = [];
  #sequence = 0;
  #laneSeq = 0;
  readonly kept: Kept = { checkpoints: [], receipts: [] };

  constructor(Class: typeof QueueSequencer, script: Script) {
    this.#script = script;
    const env = { LOG_KEYS, LOG_SHOP: SHOP, LEDGER_QUEUE: { send: () => Promise.resolve() } };
    this.#sequencer = newSequencer(Class, SALE, env as never, this.#clock);
  }

  async play(): Promise<void> {
    const { shoppers, seconds, isLed = false } = this.#script;
    const queue = { ...QUEUE_DEFAULTS, ...this.#script.queue };
    const startsAtMs = NOON_MS + (queue.shuffleAtStart ? (seconds + 2) * 1_000 : 1_000);
    const stock = 10 * shoppers;
    const level = { sku: SKU, stock, available: stock, held: 0, sold: 0 };
    const control = {
      mode: "open",
      startsAtMs,
      endsAtMs: NOON_MS + 86_400_000,
      version: 1,
    } as const;
    await this.#does(this.#sequencer.create({ saleId: SALE, queue }, control, [level]));
    const aStep = Math.ceil((shoppers * STEP_MS) / (seconds * 1_000));
    for (let step = 0; step < STEPS_MAX; step++) {
      if (this.#shoppers.length < shoppers)
        this.#join(Math.min(aStep, shoppers - this.#shoppers.length));
      await this.#clock.pass(STEP_MS);
      if (this.#clock.nowMs > startsAtMs) await this.#turn(queue);
      if (isLed) await this.#lead(step);
      if (step % 16 === 0) this.kept.checkpoints.push(this.#sequencer.checkpoint() ?? "");
      const isOver =
        this.#shoppers.length >= shoppers &&
        this.#seen === this.#laneSeq &&
        this.#asking.size + this.#inside.size === 0;
      if (isOver) break;
    }
    await this.#clock.pass((queue.claimSeconds + queue.sessionDurationSeconds + 1) * 1_000);
    await this.#does(this.#sequencer.command("end"));
    await this.#clock.pass(2_000);
  }

  /** What the server publishes, in a file. */
  async save(file: string): Promise<void> {
    const checkpoint = this.#sequencer.checkpoint() ?? "";
    const origin = logOrigin(SHOP, SALE);
    const keys = [...parseLogKeys(LOG_KEYS).values()].map((key) =>
      parseVerifierKey(verifierKey(origin, key)),
    );
    const { size } = openCheckpoint(checkpoint, keys);
    const bytesOf = (tile: Tile): Uint8Array => this.#sequencer.tile(tile) ?? new Uint8Array();
    await saveCopy(file, {
      from: `https://shop.example/api/v1/sales/${SALE}/fairness`,
      savedAt: new Date(this.#clock.nowMs).toISOString(),
      keys,
      checkpoint,
      entries: tilesOf("entries", size).flatMap((tile) =>
        entriesIn(bytesOf(tile), tile.width, tilePath(tile)),
      ),
      tiles: new Map(hashTilesOf(size).map((tile) => [tilePath(tile), bytesOf(tile)])),
    });
  }

  #join(count: number): void {
    const come = Array.from({ length: count }, (_, index) =>
      this.#newShopper(this.#shoppers.length + index),
    );
    this.#shoppers.push(...come);
    for (let lane = 0; lane < LANES; lane++)
      void this.#number(
        come.filter(({ id }) => id % LANES === lane),
        lane,
      );
  }

  #newShopper(id: number): Shopper {
    return { id, name: 0, number: null, isBack: false, actsAtMs: 0, expiresAtMs: 0 };
  }

  async #number(come: Shopper[], lane: number): Promise<void> {
    const names = new Map(come.map((shopper) => [(this.#laneSeq += 1), shopper]));
    const joins = [...names].map(([laneSeq, { id }]) => ({
      laneSeq,
      // Edges are some way off, and not equally.
      arrivedAtMs: this.#clock.nowMs - ((id * 37) % 90),
      binding: logBinding(SALE, `shopper ${id}`),
    }));
    if (joins.length === 0) return;
    const reply = await this.#sequencer.submit({ lane, joins, claims: [], departures: [] });
    if (!reply.ok) throw new Error(`A join was refused: ${reply.code}`);
    for (const { laneSeq, number, logged } of reply.numbers) {
      const shopper = names.get(laneSeq);
      if (!shopper) continue;
      shopper.name = number;
      this.#unnumbered.push(shopper);
      if (logged && this.kept.receipts.length < 50)
        this.kept.receipts.push({
          leaf: logged.text,
          index: logged.index,
          checkpoint: reply.checkpoint ?? "",
        });
    }
  }

  /** A quarter of a second of what shoppers do. */
  async #turn(queue: QueueSettings): Promise<void> {
    await this.#bringValue(queue);
    const board = this.#sequencer.board();
    if (!board) return;
    this.#unnumbered = this.#unnumbered.filter((shopper) => {
      shopper.number = board.shuffle ? drawnNumber(shopper.name, board.shuffle) : shopper.name;
      if (shopper.number === null) return true;
      this.#byNumber.set(shopper.number, shopper);
      return false;
    });
    // Whoever is invited before the number has come back waits for it.
    for (let next = this.#byNumber.get(this.#seen + 1); next;) {
      if (this.#seen === board.cursor) break;
      this.#seen += 1;
      // Every 20th never comes.
      if (next.id % 20 !== 7) this.#asking.add(next);
      next = this.#byNumber.get(this.#seen + 1);
    }
    await this.#ask(queue);
    await this.#act(queue);
  }

  async #ask({ sessionDurationSeconds }: QueueSettings): Promise<void> {
    const asking = [...this.#asking];
    for (let from = 0; from < asking.length; from += 500) {
      const asks = new Map(
        asking.slice(from, from + 500).map((shopper) => [shopper.name, shopper]),
      );
      const reply = await this.#does(
        this.#sequencer.submit({ lane: 0, joins: [], claims: [...asks.keys()], departures: [] }),
      );
      for (const { number: name, grant } of reply.ok ? reply.grants : []) {
        const shopper = asks.get(name);
        if (!shopper || grant.state === "waiting") continue;
        this.#asking.delete(shopper);
        if (grant.state !== "granted") continue;
        this.#inside.add(shopper);
        const { claimedAtMs, expiresAtMs } = grant;
        shopper.expiresAtMs = expiresAtMs;
        // Most buy soon, every 10th stays until past the middle of the session.
        const after = shopper.id % 10 === 3 ? 0.6 * sessionDurationSeconds * 1_000 : 1_000;
        shopper.actsAtMs = claimedAtMs + after;
      }
    }
  }

  /** Those inside buy; every 10th is renewed first, every 11th leaves and some come back, every 25th expires. */
  async #act({ sessionDurationSeconds }: QueueSettings): Promise<void> {
    const departures: number[] = [];
    const renewals: { number: number; expiresAtMs: number }[] = [];
    for (const shopper of this.#inside) {
      if (shopper.actsAtMs > this.#clock.nowMs) continue;
      if (shopper.id % 10 === 3 && shopper.expiresAtMs > this.#clock.nowMs) {
        renewals.push({ number: shopper.name, expiresAtMs: shopper.expiresAtMs });
        shopper.actsAtMs += sessionDurationSeconds * 1_000;
        shopper.expiresAtMs = 0;
        continue;
      }
      this.#inside.delete(shopper);
      if (shopper.id % 25 === 4) continue;
      const leaves = shopper.id % 11 === 5 && !shopper.isBack;
      if (leaves) departures.push(shopper.name);
      else if (shopper.number !== null) this.#finished.push(shopper.number);
      if (leaves && shopper.id % 2 === 1)
        void this.#number([{ ...shopper, isBack: true }], shopper.id % LANES);
    }
    if (departures.length + renewals.length > 0)
      await this.#does(
        this.#sequencer.submit({ lane: 0, joins: [], claims: [], departures, renewals }),
      );
    if (this.#finished.length > 0) await this.#report();
  }

  async #report(): Promise<void> {
    const level = { sku: SKU, stock: 1e6, available: 1e6, held: 0, sold: 0 };
    const finished = this.#finished.splice(0).map((number) => ({ number, units: 1 }));
    await this.#does(
      this.#sequencer.report({
        saleId: SALE,
        sku: SKU,
        sequence: (this.#sequence += 1),
        level,
        finished,
      }),
    );
  }

  async #lead(step: number): Promise<void> {
    if (step === 20) await this.#does(this.#sequencer.command("pause"));
    if (step === 32) await this.#does(this.#sequencer.command("resume"));
    if (step === 40) await this.#does(this.#sequencer.adjust({ totalActiveUsers: 4 }));
    if (step === 44) await this.#does(this.#sequencer.revoke(30));
    if (step === 60) await this.#does(this.#sequencer.adjust({ newUsersPerMinute: 40 }));
  }

  async #bringValue({ publicRandomness }: QueueSettings): Promise<void> {
    if (publicRandomness && !this.#sequencer.board()?.shuffle?.publicRandomness?.value)
      await this.#does(this.#sequencer.bringRandomness("a value of the beacon"));
  }

  /** Commands run from a timer: time has to pass for them. */
  async #does<Answer>(command: Promise<Answer>): Promise<Answer> {
    await this.#clock.pass(1);
    return command;
  }
}

const [file, script] = process.argv.slice(2);
if (file !== undefined && script !== undefined) {
  installLoader();
  const { QueueSequencer } = await import("../../durable-objects/queue-sequencer.ts");
  const sale = new Sale(QueueSequencer, JSON.parse(script) as Script);
  await sale.play();
  await sale.save(file);
  await writeFile(`${file}.kept.json`, JSON.stringify(sale.kept));
}
