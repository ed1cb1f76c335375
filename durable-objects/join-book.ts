import type { Board } from "../domain/queue/board.ts";
import type { Join } from "../domain/queue/line.ts";
import { noteEstimates } from "./estimate-notes.ts";
import type { Logged, SaleLog } from "./sale-log.ts";
import { joinName, type LoggedPlace, type SequencerStore } from "./sequencer-store.ts";

/** A join as its lane brought it. */
export interface LaneJoin extends Join {
  /** What the log tells of whose place it is; lanes of an older version bring none. */
  binding?: string | undefined;
}

/** A join whose reorder window has closed, and what it was put in order by. */
export interface DueJoin {
  join: LaneJoin;
  stampMs: number;
}

/** The number of a join, and its entry in the log, where the sale has one. */
export interface GivenNumber {
  number: number;
  logged?: Logged | undefined;
}

/** Gives out the numbers of a line. */
export class JoinBook {
  readonly #store: SequencerStore;
  readonly #log: Pick<SaleLog, "note" | "seal" | "texts">;

  readonly #readBoard: () => Board | null;

  /** `readBoard` reads what everyone may know now, those who were just numbered included. */
  constructor(
    store: SequencerStore,
    log: Pick<SaleLog, "note" | "seal" | "texts">,
    readBoard: () => Board | null,
  ) {
    this.#store = store;
    this.#log = log;
    this.#readBoard = readBoard;
  }

  /**
   * Gives numbers in the order given, inside the caller's transaction; a join that has one keeps it, and
   * its entry in the log.
   */
  number(due: DueJoin[]): GivenNumber[] {
    const record = this.#store.read();
    if (!record) throw new Error("The line has not been opened.");
    const { line, shuffle } = record;
    let { lastNumber } = line;
    const given = this.#given(due);
    const places: LoggedPlace[] = [];
    const numbers = due.map(({ join, stampMs }) => {
      const { lane, laneSeq, arrivedAtMs } = join;
      const name = joinName(lane, laneSeq);
      const known = given.get(name);
      if (known !== undefined) return known;
      lastNumber += 1;
      const place = shuffle ? { index: lastNumber } : { number: lastNumber };
      const { binding = "" } = join;
      const logged =
        this.#log.note({ kind: "joined", ...place, arrivedAtMs, stampMs, binding }) ?? undefined;
      const own: GivenNumber = { number: lastNumber, logged };
      // A join that was sent again may be here twice.
      given.set(name, own);
      const logIndex = logged?.index ?? null;
      places.push({ lane, laneSeq, arrivedAtMs, number: lastNumber, stampMs, logIndex });
      return own;
    });
    this.#store.writePlaces(places);
    if (lastNumber > line.lastNumber) this.#store.writeLine({ ...line, lastNumber });
    noteEstimates(
      places.map(({ number }) => number),
      this.#readBoard,
      this.#log,
    );
    // Whoever has a number can prove it at once.
    if (places.length > 0) this.#log.seal();
    return numbers;
  }

  /** What was given before to these joins, by `joinName`. */
  #given(due: DueJoin[]): Map<string, GivenNumber> {
    const places = this.#store.placesOf(due.map(({ join }) => join));
    const texts = this.#log.texts(places.flatMap(({ logIndex }) => logIndex ?? []));
    return new Map(
      places.map(({ lane, laneSeq, number, logIndex }) => {
        const text = logIndex === null ? undefined : texts.get(logIndex);
        const logged =
          logIndex === null || text === undefined ? undefined : { index: logIndex, text };
        return [joinName(lane, laneSeq), { number, logged }];
      }),
    );
  }
}
