/** What systems are compared at. */
export type WorkName = "trivial" | "purchase" | "join" | "poll" | "status" | "stampede" | "mix";

/** One work, the same for every system. */
export interface Work {
  name: WorkName;
  /** What is done, in one sentence. */
  about: string;
  connections: number;
  /** A turn takes so many times longer: opening many connections takes a part of it. */
  stretch: number;
  /** Requests may be sent again; else each is another shopper's. */
  again: boolean;
  /** The system that the others are divided by. */
  ceiling: string;
  /** How much of its own trivial route the ceiling has to reach, or it is badly written and nothing counts; 0: no matter. */
  floor: number;
  /** How much of the ceiling systems are to reach; others are only shown. */
  targets: Readonly<Record<string, number>>;
  /** Times of answers are measured at half of the rate, too. */
  isPaced: boolean;
}

/** Connections that keep two cores busy without a queue that hides what an answer costs. */
const BUSY = 64;
/** Commits take their time, and so many can share one. */
const SOME = 256;
/** Joins wait for others on purpose, so that a rate takes many at once. */
const MANY = 1024;

/** All works, in the order of the report. */
export const WORKS: readonly Work[] = [
  {
    name: "trivial",
    about: "a route that answers `ok`: what the bare runtime and its socket can do at all",
    connections: BUSY,
    stretch: 1,
    again: true,
    ceiling: "bare",
    floor: 0,
    targets: {},
    isPaced: false,
  },
  {
    name: "purchase",
    about: "distinct shoppers, each with a pass, buy one unit of one item; every purchase is kept",
    connections: SOME,
    stretch: 1,
    again: false,
    ceiling: "bare",
    floor: 0.25,
    targets: { ropeline: 0.5, "ropeline-idle": 0.7 },
    isPaced: true,
  },
  {
    name: "poll",
    about: "shoppers in line ask where they stand",
    connections: BUSY,
    stretch: 1,
    again: true,
    ceiling: "bare",
    floor: 0.7,
    targets: { ropeline: 0.8 },
    isPaced: false,
  },
  {
    name: "stampede",
    about: "distinct shoppers without a pass try to buy what is sold out",
    connections: BUSY,
    stretch: 1,
    again: false,
    ceiling: "bare",
    floor: 0.7,
    targets: { ropeline: 0.8 },
    isPaced: false,
  },
  {
    name: "status",
    about: "the sale's public figures are read",
    connections: BUSY,
    stretch: 1,
    again: true,
    ceiling: "bare",
    floor: 0,
    targets: {},
    isPaced: false,
  },
  {
    name: "join",
    about: "distinct shoppers join the line; every place is kept",
    connections: MANY,
    stretch: 3,
    again: false,
    ceiling: "bare",
    floor: 0,
    targets: { ropeline: 0.6 },
    isPaced: false,
  },
  {
    name: "mix",
    about: "of 20 requests 16 polls, 2 looks at the figures, a join and a purchase",
    connections: SOME,
    stretch: 1,
    again: false,
    ceiling: "bare",
    floor: 0,
    targets: {},
    isPaced: false,
  },
];

/** The work of this name. */
export function workNamed(name: WorkName): Work {
  const work = WORKS.find((candidate) => candidate.name === name);
  if (work === undefined) throw new Error(`there is no work named ${name}`);
  return work;
}

/** What of a mix the request of this index is: of 20, 16 polls, 2 looks at the figures, a join, a purchase. */
export function mixed(index: number): "poll" | "status" | "join" | "purchase" {
  const place = index % 20;
  if (place === 0) return "purchase";
  if (place === 10) return "join";
  return place === 5 || place === 15 ? "status" : "poll";
}
