/*
 * Whether a history of calls that overlapped could have come of calls made one after another: Wing and Gong's search
 * (J. M. Wing, C. Gong: Testing and Verifying Concurrent Objects, 1993) with Lowe's memory of what was tried in vain
 * (G. Lowe: Testing for linearizability, 2017). What was never answered may have taken effect at any time after it
 * was asked for, or never.
 */

/** Steps of the model that are tried for one history, and more for each of its calls: a good one takes two or three a call. */
const STEPS_MIN = 50_000;
const STEPS_A_CALL = 20;

/** One call: from when it was made to its answer, as places in one order of everything that was recorded. */
export interface Operation<What> {
  /** What was asked for, and the answer. */
  what: What;
  invoked: number;
  /** `Infinity`: it was never answered. */
  returned: number;
}

/** What a thing does when it is asked one thing after another. */
export interface Model<State, What> {
  readonly initial: State;
  /**
   * The states that the operation may leave, with the answer that it got; none where it cannot have got that answer. What
   * happens of itself may happen before it.
   */
  step(state: State, what: What): Iterable<State>;
  /** Whether it changes nothing in any state. One whose step leaves the very same state is taken at once. */
  isRead(what: What): boolean;
  /** A text that is the same for the same state alone. */
  key(state: State): string;
}

export interface Verdict<What> {
  kind: "linearizable" | "broken" | "gave_up";
  steps: number;
  /** Where it is broken: of the longest order that was found, the call that fits nowhere after it. */
  stuck: Operation<What> | null;
}

/** Looks for an order of the calls that the model allows, and that turns no two around of which one was over before the other began. */
export function checkHistory<State, What>(
  history: readonly Operation<What>[],
  model: Model<State, What>,
  stepsMax = STEPS_MIN + STEPS_A_CALL * history.length,
): Verdict<What> {
  return new Search(history, model, stepsMax).run();
}

/** A point of the search: what was taken on the way into it, and what can be tried from there. */
interface Frame<State> {
  entered: State;
  /** Taken at once, since nothing is lost by it. */
  taken: number[];
  options: Iterator<{ operation: number; state: State }>;
  chosen: number | null;
}

class Search<State, What> {
  /** Those that were answered, and behind them the others; each by when it was asked. */
  readonly #operations: readonly Operation<What>[];
  readonly #answered: number;
  readonly #model: Model<State, What>;
  readonly #stepsMax: number;
  /** The answered ones that are not in the order yet, as a ring: after the last comes the first. */
  readonly #next: number[];
  readonly #previous: number[];
  readonly #isTaken: boolean[];
  /** Answered ones that are not in the order yet. */
  #left: number;
  #leastLeft: number;
  #stuck: Operation<What> | null = null;
  #tried = 0;
  /** Sets of operations with the states after them from which nothing leads on. */
  readonly #inVain = new Set<string>();

  constructor(history: readonly Operation<What>[], model: Model<State, What>, stepsMax: number) {
    const byCall = history.toSorted((a, b) => a.invoked - b.invoked);
    const answered = byCall.filter(({ returned }) => returned < Infinity);
    this.#operations = [...answered, ...byCall.filter(({ returned }) => returned === Infinity)];
    this.#answered = answered.length;
    this.#model = model;
    this.#stepsMax = stepsMax;
    const ring = answered.length + 1;
    this.#next = Array.from({ length: ring }, (_, at) => (at + 1) % ring);
    this.#previous = Array.from({ length: ring }, (_, at) => (at + ring - 1) % ring);
    this.#isTaken = Array.from({ length: history.length }, () => false);
    this.#left = answered.length;
    this.#leastLeft = Infinity;
  }

  run(): Verdict<What> {
    const frames = [this.#enter(this.#model.initial)];
    for (;;) {
      if (this.#left === 0) return this.#verdict("linearizable");
      if (this.#tried > this.#stepsMax) return this.#verdict("gave_up");
      const frame = frames.at(-1);
      if (!frame) return this.#verdict("broken");
      if (frame.chosen !== null) this.#giveBack(frame.chosen);
      frame.chosen = null;
      const option = frame.options.next();
      if (option.done === true) {
        for (const operation of frame.taken.toReversed()) this.#giveBack(operation);
        this.#inVain.add(this.#key(frame.entered));
        frames.pop();
        continue;
      }
      const { operation, state } = option.value;
      this.#take(operation);
      frame.chosen = operation;
      if (this.#inVain.size > 0 && this.#inVain.has(this.#key(state))) continue;
      frames.push(this.#enter(state));
    }
  }

  #enter(state: State): Frame<State> {
    const taken = this.#takeWhatChangesNothing(state);
    if (this.#left < this.#leastLeft) {
      this.#leastLeft = this.#left;
      const [first] = this.#candidates();
      this.#stuck = first === undefined ? null : this.#at(first);
    }
    return { entered: state, taken, options: this.#options(state), chosen: null };
  }

  #takeWhatChangesNothing(state: State): number[] {
    const taken: number[] = [];
    for (;;) {
      const found = this.#candidates().find((at) => this.#changesNothing(state, at));
      if (found === undefined) return taken;
      this.#take(found);
      taken.push(found);
    }
  }

  #changesNothing(state: State, at: number): boolean {
    const { what } = this.#at(at);
    if (!this.#model.isRead(what)) return false;
    this.#tried += 1;
    for (const next of this.#model.step(state, what)) return next === state;
    return false;
  }

  /** What was never answered is taken where nothing else helps. */
  *#options(state: State): Generator<{ operation: number; state: State }, void> {
    const candidates = this.#candidates();
    yield* this.#steps(state, candidates);
    const firstReturn = Math.min(...candidates.map((at) => this.#at(at).returned));
    for (let at = this.#answered; at < this.#operations.length; at += 1)
      if (this.#isTaken[at] !== true && this.#at(at).invoked <= firstReturn)
        yield* this.#steps(state, [at]);
  }

  *#steps(
    state: State,
    operations: readonly number[],
  ): Generator<{ operation: number; state: State }, void> {
    for (const operation of operations) {
      this.#tried += 1;
      for (const next of this.#model.step(state, this.#at(operation).what))
        yield { operation, state: next };
    }
  }

  /** What may come next, the first to be answered first: all that began before that one was over. */
  #candidates(): number[] {
    const end = this.#answered;
    const candidates: number[] = [];
    let firstReturn = Infinity;
    for (let at = this.#next[end] ?? end; at !== end; at = this.#next[at] ?? end) {
      const { invoked, returned } = this.#at(at);
      if (invoked > firstReturn) break;
      candidates.push(at);
      firstReturn = Math.min(firstReturn, returned);
    }
    return candidates.sort((a, b) => this.#at(a).returned - this.#at(b).returned);
  }

  #take(at: number): void {
    this.#isTaken[at] = true;
    if (at >= this.#answered) return;
    const [before, after] = [this.#previous[at] ?? 0, this.#next[at] ?? 0];
    this.#next[before] = after;
    this.#previous[after] = before;
    this.#left -= 1;
  }

  /** The reverse of `#take`, for the last one that was taken. */
  #giveBack(at: number): void {
    this.#isTaken[at] = false;
    if (at >= this.#answered) return;
    this.#next[this.#previous[at] ?? 0] = at;
    this.#previous[this.#next[at] ?? 0] = at;
    this.#left += 1;
  }

  /** Which are taken, and the state: all before the first that is left are, and none that began after that one was over. */
  #key(state: State): string {
    const end = this.#answered;
    const first = this.#next[end] ?? end;
    const { returned } = this.#operations[first] ?? { returned: -Infinity };
    const beyond: number[] = [];
    for (let at = first; at < end && this.#at(at).invoked <= returned; at += 1)
      if (this.#isTaken[at] === true) beyond.push(at);
    for (let at = end; at < this.#operations.length; at += 1)
      if (this.#isTaken[at] === true) beyond.push(at);
    return `${first} ${beyond.join(",")} ${this.#model.key(state)}`;
  }

  #at(at: number): Operation<What> {
    const operation = this.#operations[at];
    if (!operation) throw new Error(`There is no operation ${at}.`);
    return operation;
  }

  #verdict(kind: Verdict<What>["kind"]): Verdict<What> {
    return { kind, steps: this.#tried, stuck: kind === "broken" ? this.#stuck : null };
  }
}
