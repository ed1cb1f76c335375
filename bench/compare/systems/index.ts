import type { Contestant } from "../system.ts";
import { bare, naive } from "./bare.ts";
import { peers } from "./peers.ts";
import { ropeline, ropelineApart, ropelineIdle } from "./ropeline.ts";

/** All systems that can be compared, in the order of the tables. */
export const CONTESTANTS: readonly Contestant[] = [
  bare,
  ropeline,
  ropelineIdle,
  ropelineApart,
  naive,
  ...peers,
];
