import type { Programs } from "../program.ts";
import { ALARM } from "./alarm.ts";
import { CONCURRENCY } from "./concurrency.ts";
import { ERRORS } from "./errors.ts";
import { GATE } from "./gate.ts";
import { ROLLBACK } from "./rollback.ts";
import { SQL } from "./sql.ts";
import { TIMERS } from "./timers.ts";

/** All programs by name. */
export const PROGRAMS: Programs = {
  ...GATE,
  ...ALARM,
  ...ROLLBACK,
  ...SQL,
  ...ERRORS,
  ...CONCURRENCY,
  ...TIMERS,
};
