import type { Mutant } from "./mutant.ts";

/** Numbers, places, passes and capacity. */
export const QUEUE_MUTANTS: readonly Mutant[] = [
  {
    name: "numbers are told before they are written",
    breaks: "what was told is durable",
    patches: [
      {
        file: "durable-objects/queue-sequencer.ts",
        find: "return this.#log.transactionSync(() => joins.number(due));",
        replace: `const last = this.#store.read()?.line.lastNumber ?? 0;
      this.#runtime.setTimer(() => {
        this.#log.transactionSync(() => joins.number(due));
      }, 1);
      return due.map((_, index) => ({ number: last + index + 1 }));`,
      },
    ],
    invariants: ["number.unique", "number.stable", "told.place", "settles"],
    seedsMax: 100,
  },
  {
    name: "a lane's sequence is ignored",
    breaks: "one join has one number, however often it is sent",
    patches: [
      {
        file: "durable-objects/join-book.ts",
        find: "if (known !== undefined) return known;",
        replace: "if (known !== undefined && known.number < 0) return known;",
      },
      {
        file: "durable-objects/sequencer-store.ts",
        find: "INSERT INTO place (lane, lane_seq, number, stamp_ms, log_index)",
        replace: "INSERT OR REPLACE INTO place (lane, lane_seq, number, stamp_ms, log_index)",
      },
    ],
    invariants: ["line.numbers", "number.stable"],
    seedsMax: 50,
  },
  {
    name: "a lane sends its joins before it has stored them",
    breaks: "what is sent is stored first, so that a lost answer is asked for again",
    patches: [
      {
        file: "durable-objects/lane-store.ts",
        find: '"SELECT lane_seq FROM counter"',
        replace: '"SELECT count(*) AS lane_seq FROM place"',
      },
    ],
    invariants: ["number.unique", "number.stable", "no_exceptions", "log.receipts"],
    seedsMax: 100,
  },
  {
    name: "who joins again is forgotten to have left",
    breaks: "a shopper has one place at a time, whatever is lost between",
    patches: [
      {
        file: "durable-objects/queue-lane.ts",
        find: "        if (place?.isUntold === true) return departureOf(place);\n",
        replace: "",
      },
      {
        file: "durable-objects/queue-lane.ts",
        find: "return { binding, departure: command.number };",
        replace: "this.#clock.armBy(this.#runtime.now() + RESEND_MS);\n        return { binding };",
      },
    ],
    invariants: ["told.left", "log.verifies"],
    seedsMax: 600,
  },
  {
    name: "a lane forgets the joins whose answer was lost",
    breaks: "every place that was begun gets its number",
    patches: [
      {
        file: "durable-objects/queue-lane.ts",
        find: "...lost.map((join): Step => ({ binding: join.binding, join })),",
        replace: "...lost.flatMap((): Step[] => []),",
      },
    ],
    invariants: ["settles"],
    seedsMax: 300,
  },
  {
    name: "a lane gives the answers of one call in another order",
    breaks: "who joins with others gets the own place",
    patches: [
      {
        file: "durable-objects/queue-lane.ts",
        find: "one.told = told[index] ?? null;",
        replace: "one.told = told.at(-1 - index) ?? null;",
      },
    ],
    invariants: ["number.unique", "number.stable"],
    seedsMax: 100,
  },
  {
    name: "a place comes back with every report",
    breaks: "a place comes back once",
    patches: [
      {
        file: "durable-objects/line-book.ts",
        find: `if (claimedAtMs !== null && this.#end(number, "finished"))`,
        replace: `this.#end(number, "finished");
      if (claimedAtMs !== null)`,
      },
    ],
    invariants: ["line.counters"],
    seedsMax: 100,
  },
  {
    name: "passes go to the highest number that asks",
    breaks: "first come, first served",
    patches: [
      {
        file: "durable-objects/claim-store.ts",
        find: "ORDER BY number LIMIT +?`,\n        limit,",
        replace: "ORDER BY number DESC LIMIT +?`,\n        limit,",
      },
    ],
    invariants: ["line.order", "log.verifies"],
    seedsMax: 200,
  },
  {
    name: "capacity bounds invitations alone",
    breaks: "capacity is hard",
    patches: [
      {
        file: "domain/queue/admission.ts",
        find: "Math.min(inputs.totalActiveUsers - line.inside, inputs.newUsersPerMinute - granted),",
        replace: "inputs.newUsersPerMinute - granted,",
      },
    ],
    invariants: ["line.capacity"],
    seedsMax: 300,
  },
  {
    name: "who lapsed or expired comes back where everyone has one turn",
    breaks: "what someone lapsed or expired may do next is a setting",
    patches: [
      {
        file: "durable-objects/queue-lane.ts",
        find: `if (!mayRejoin || state === "placed"`,
        replace: `if (state === "placed"`,
      },
    ],
    invariants: ["number.stable"],
    seedsMax: 200,
  },
  {
    name: "joins are numbered in the order of receipt",
    breaks: "distance to the line does not decide a place",
    patches: [
      {
        file: "domain/queue/line.ts",
        find: `        a.stampMs - b.stampMs ||
        a.join.arrivedAtMs - b.join.arrivedAtMs ||
        this.#tieOf(a) - this.#tieOf(b),`,
        replace: "        a === b ? this.#tieOf(a) : 0,",
      },
    ],
    invariants: ["line.arrival"],
    seedsMax: 300,
  },
  {
    name: "more are invited than there are",
    breaks: "nobody is invited who has no number",
    patches: [
      {
        file: "domain/queue/admission.ts",
        find: "Math.floor(Math.min(byRate, byRoom, waiting))",
        replace: "Math.floor(Math.min(byRate, byRoom))",
      },
    ],
    invariants: ["line.cursor"],
    seedsMax: 50,
  },
  {
    name: "the rate bounds nobody",
    breaks: "no more passes in a minute than the rate allows",
    patches: [
      {
        file: "domain/queue/admission.ts",
        find: "Math.floor(Math.min(byRate, byRoom, waiting))",
        replace: "Math.floor(Math.min(byRoom, waiting))",
      },
      {
        file: "domain/queue/admission.ts",
        find: "Math.min(inputs.totalActiveUsers - line.inside, inputs.newUsersPerMinute - granted)",
        replace: "inputs.totalActiveUsers - line.inside",
      },
      // Whoever verifies the sale's log would see it, too.
      {
        file: "verify/rules/admissions.ts",
        find: "if (within > perMinute)",
        replace: "if (within > Infinity)",
      },
    ],
    invariants: ["line.rate"],
    seedsMax: 600,
  },
];
