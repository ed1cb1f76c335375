import type { Runtime } from "../../durable-objects/runtime.ts";

/** An object of a program, as seen from outside or from another object. */
export interface Stub {
  /** Makes the object do one of its program's acts. */
  act(name: string, ...args: unknown[]): Promise<unknown>;
  /** What the object has written and not lost. */
  written(): Promise<string[]>;
  /** What all incarnations of the object have seen so far, rolled back or not. */
  seen(): Promise<string[]>;
}

/** What an act has at hand inside an object. */
export interface Inside {
  readonly ctx: DurableObjectState;
  readonly runtime: Runtime;
  /** A fresh stub of an object of the same program, perhaps of itself. */
  readonly peer: (role: string) => Stub;
  /** Writes a line into the object's table. */
  readonly write: (line: string) => void;
  /** Notes something that survives whatever becomes of the object and its writes. */
  readonly see: (what: string) => void;
}

/** What a program's driver has at hand outside. */
export interface Outside {
  /** A fresh stub of an object of this program. */
  readonly probe: (role: string) => Stub;
  /** Adds to what is compared. */
  readonly log: (line: string) => void;
  /**
   * Asks again and again until the answer is yes.
   *
   * @throws Error when it is not within some seconds.
   */
  readonly until: (isDone: () => Promise<boolean>) => Promise<void>;
}

export type Act = (inside: Inside, ...args: never[]) => unknown;

/** A small program over some objects; what its driver logs has to be the same wherever it runs. */
export interface Program {
  /** What the objects do by name; `wake` in their constructor, `alarm` in their alarm's handler. */
  acts: Record<string, Act>;
  drive(outside: Outside): Promise<void>;
  /** Where the simulator differs on purpose: what it logs, and why. */
  differs?: { why: string; simulated: string[] };
}

/** Programs by a name that says what they are about. */
export type Programs = Record<string, Program>;

/** Properties of errors that no program is about: ids, and what Node and workerd store elsewhere. */
const UNTOLD = new Set(["cause", "durableObjectId"]);

/**
 * An error as a caller sees it: class, name, properties. The texts of the runtime's own errors are no
 * contract: only those that begin with "app:" are told.
 */
export function describe(error: unknown): string {
  if (!(error instanceof Error)) return `no Error but ${typeof error}`;
  const told = Object.keys(error).filter((key) => !UNTOLD.has(key));
  const flags = told.sort().map((key) => `${key}=${JSON.stringify(Reflect.get(error, key))}`);
  const said = error.message.startsWith("app:") ? ` "${error.message}"` : "";
  return `${error.constructor.name}/${error.name}${said} {${flags.join(" ")}}`;
}

/** How a call ended, in one line. */
export async function outcome(call: Promise<unknown>): Promise<string> {
  try {
    return `answer ${JSON.stringify(await call)}`;
  } catch (error) {
    return `error ${describe(error)}`;
  }
}

/** How something that is done at once ended, in one line. */
export function tried(work: () => unknown): string {
  try {
    return `answer ${JSON.stringify(work())}`;
  } catch (error) {
    return `error ${describe(error)}`;
  }
}

/** A list in one line. */
export function list(lines: readonly string[]): string {
  return `[${lines.join(", ")}]`;
}

/** Waits in a timer. */
export function sleep({ runtime }: Inside, delayMs: number): Promise<void> {
  return new Promise((resolve) => void runtime.setTimer(resolve, delayMs));
}

/** Waits until an object has written so many lines. */
export function lines({ probe, until }: Outside, role: string, count: number): Promise<void> {
  return until(async () => (await probe(role).written()).length >= count);
}

/** Waits until an object has seen so many things. */
export function sights({ probe, until }: Outside, role: string, count: number): Promise<void> {
  return until(async () => (await probe(role).seen()).length >= count);
}

/** Logs what objects have written. */
export async function logWritten(
  { probe, log }: Outside,
  ...roles: readonly string[]
): Promise<void> {
  for (const role of roles) log(`${role} has written ${list(await probe(role).written())}`);
}

/** Logs what an object has seen. */
export async function logSeen({ probe, log }: Outside, role: string): Promise<void> {
  log(`${role} has seen ${list(await probe(role).seen())}`);
}
