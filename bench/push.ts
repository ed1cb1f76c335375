import type { Admin, FloodSale } from "./admin.ts";
import { atOnce } from "./at-once.ts";
import { machineClock } from "./clock.ts";
import { type OpenSocket, openWebSocket } from "./live-link.ts";
import { assertOpenFiles } from "./open-files.ts";
import type { Spread } from "../domain/fairness/report.ts";
import { spreadOf } from "../domain/fairness/spread.ts";
import { openQuietSale } from "./quiet-sale.ts";
import type { Shopper } from "./shopper.ts";

/** Joins, and sockets that open, at the same time. */
const AT_ONCE = 256;
/** Time for tokens, joins and sockets. */
const OPEN_LONGEST_MS = 300_000;
/** A change that has not reached a socket after this long has not come. */
const CHANGE_LONGEST_MS = 10_000;
/** From the last receipt to the next change. */
const PAUSE_MS = 500;
const PROGRESS_MS = 5000;
/** How often the driver looks whether everyone has been told. */
const LOOK_MS = 5;

/** How many sockets, and how often everyone is told something. */
export interface PushPlan {
  sockets: number;
  changes: number;
  seed: number;
}

/** How long a change took to all sockets. */
export interface PushFigures {
  sockets: number;
  /** Sockets that brought a first board. */
  opened: number;
  /** Addresses refused, and sockets that closed before they brought anything. */
  refused: number;
  /** Sockets that closed later. */
  lost: number;
  /** From the first address to the last first board. */
  openingMs: number;
  changes: number;
  /** Of changes times open sockets: never heard. */
  missed: number;
  /** From the admin's call to each socket. */
  afterMs: Spread;
  /** From the admin's call to the last socket, change by change. */
  untilAllMs: number[];
}

/** Opens the sockets of so many guests on one sale and tells them all something, several times. */
export async function measurePush(
  { adminToken, url }: { adminToken: string; url: string },
  { changes, seed, sockets }: PushPlan,
): Promise<PushFigures> {
  assertOpenFiles(sockets + AT_ONCE);
  const quiet = await openQuietSale({
    url,
    adminToken,
    shoppers: sockets,
    connections: AT_ONCE,
    longestMs: OPEN_LONGEST_MS,
    seed,
  });
  const audience = new Audience(() => machineClock.nowMs(), openWebSocket);
  try {
    const { admin, sale, shoppers } = quiet;
    await atOnce(AT_ONCE, shoppers, async (shopper) => void (await shopper.join()));
    console.log(`${sockets} in line; opening their sockets`);
    const startMs = machineClock.nowMs();
    const progress = setInterval(() => console.log(`${audience.open} open`), PROGRESS_MS);
    await atOnce(AT_ONCE, shoppers, (shopper) => audience.admit(shopper)).finally(() =>
      clearInterval(progress),
    );
    const openingMs = machineClock.nowMs() - startMs;
    console.log(`${audience.open} sockets open; telling them ${changes} things`);
    for (let change = 1; change <= changes; change += 1) await tell(admin, sale, audience, change);
    return { sockets, openingMs, changes, ...audience.figures() };
  } finally {
    audience.close();
    await quiet.close();
  }
}

async function tell(admin: Admin, sale: FloodSale, audience: Audience, change: number) {
  const clock = machineClock;
  const message = `Change ${change} of ${sale.saleId}.`;
  const sentAtMs = clock.nowMs();
  audience.expect(message, sentAtMs);
  await admin.changeLine(sale.saleId, { message, reason: "measuring how fast news travels" });
  while (!audience.isTold && clock.nowMs() < sentAtMs + CHANGE_LONGEST_MS) {
    await clock.sleep(LOOK_MS);
  }
  const seconds = ((clock.nowMs() - sentAtMs) / 1000).toFixed(2);
  console.log(`change ${change}: ${audience.told} of ${audience.open} sockets after ${seconds} s`);
  await clock.sleep(PAUSE_MS);
}

/** Many sockets that note when each of them hears what is expected. */
export class Audience {
  /** Sockets that brought a board and have not closed. */
  open = 0;
  #opened = 0;
  #refused = 0;
  #lost = 0;
  #expected = "";
  #sentAtMs = 0;
  #heard = 0;
  #isClosing = false;
  readonly #afterMs: number[][] = [];
  #missed = 0;
  readonly #closers: (() => void)[] = [];
  readonly #nowMs: () => number;
  readonly #openSocket: OpenSocket;

  constructor(nowMs: () => number, openSocket: OpenSocket) {
    this.#nowMs = nowMs;
    this.#openSocket = openSocket;
  }

  /** Opens the socket of a shopper who is in line; returns at its first board, or when there is none. */
  async admit(shopper: Pick<Shopper, "liveAddress">): Promise<void> {
    const url = await shopper.liveAddress();
    if (url === null) {
      this.#refused += 1;
      return;
    }
    await new Promise<void>((settle) => this.#follow(url, settle));
  }

  /** From now on this text, sent at this time, is what everyone should hear. */
  expect(text: string, sentAtMs: number): void {
    this.#settle();
    this.#expected = text;
    this.#sentAtMs = sentAtMs;
    this.#heard = 0;
    this.#afterMs.push([]);
  }

  /** Sockets that have heard what is expected. */
  get told(): number {
    return this.#heard;
  }

  /** Whether everyone has. */
  get isTold(): boolean {
    return this.#heard >= this.open;
  }

  /** What was noted so far. */
  figures() {
    this.#settle();
    this.#expected = "";
    return {
      opened: this.#opened,
      refused: this.#refused,
      lost: this.#lost,
      missed: this.#missed,
      afterMs: spreadOf(this.#afterMs.flat()),
      untilAllMs: this.#afterMs.map((times) => times.reduce((a, b) => Math.max(a, b), 0)),
    };
  }

  /** Closes every socket. */
  close(): void {
    this.#isClosing = true;
    for (const close of this.#closers) close();
  }

  #follow(url: string, settle: () => void): void {
    let isOpen = false;
    let heard = "";
    const message = (text: string): void => {
      if (!isOpen) {
        isOpen = true;
        this.open += 1;
        this.#opened += 1;
        settle();
      }
      const expected = this.#expected;
      if (expected === "" || heard === expected || !text.includes(expected)) return;
      heard = expected;
      this.#heard += 1;
      this.#afterMs.at(-1)?.push(this.#nowMs() - this.#sentAtMs);
    };
    const closed = (): void => {
      settle();
      if (this.#isClosing) return;
      if (isOpen) this.open -= 1;
      if (isOpen) this.#lost += 1;
      else this.#refused += 1;
    };
    const socket = this.#openSocket(url, { message, closed });
    this.#closers.push(() => socket.close());
  }

  /** Who is open and has not heard it has missed it. */
  #settle(): void {
    if (this.#expected !== "") this.#missed += Math.max(0, this.open - this.#heard);
  }
}
