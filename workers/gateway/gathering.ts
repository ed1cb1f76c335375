import type { Outcome } from "../../durable-objects/batcher.ts";
import type { Runtime } from "../../durable-objects/runtime.ts";
import type { Bindings, Caller } from "./bindings.ts";
import { callObject } from "./object-calls.ts";

/** Commands of one call: what an isolate gets from a crowd while they wait. */
const CALL_MAX_COMMANDS = 100;
/** A call that nobody has made by then is nobody's any more: the request that was to make it is lost. */
const LOST_MS = 100;
/** Objects that are called here at once; beyond, all begin anew. */
const OBJECTS_MAX = 1_000;

/** Commands of one kind, and how objects take them. */
export interface Gathered<Command, Answer> {
  /**
   * A command that comes this soon after another to its object waits so long for more; whoever comes alone waits for
   * nobody. Milliseconds, less than the 100 after which a call counts as lost.
   */
  companyMs: (command: Command) => number;
  /** Who has heard nothing after this long asks alone; the object gives a repeat the first outcome. */
  lateMs: number;
  one: (env: Bindings, name: string, command: Command) => Promise<Answer>;
  many: (env: Bindings, name: string, commands: Command[]) => Promise<Outcome<Answer>[]>;
}

interface Member<Command, Answer> {
  command: Command;
  /** `null`: nothing was heard. */
  tell: (told: Outcome<Answer> | null) => void;
}

/** What the commands to an object have come to. */
interface Meeting<Command, Answer> {
  lastAtMs: number;
  /** Who waits for the next call. */
  next: Member<Command, Answer>[];
  opensAtMs: number;
}

/**
 * Brings the commands to an object that reach an isolate at the same time to it in one call: a call costs both sides more than a
 * command in it. Each has an answer or an error of its own, given after the commit as ever. The request that opens a call makes it, and goes on
 * doing so when its own shopper hangs up; the others wait with a timer each, without which the runtime takes a request that has
 * nothing of its own under way for hung.
 */
export class Gathering<Command, Answer> {
  readonly #runtime: Runtime;
  readonly #gathered: Gathered<Command, Answer>;
  readonly #meetings = new Map<string, Meeting<Command, Answer>>();

  constructor(runtime: Runtime, gathered: Gathered<Command, Answer>) {
    this.#runtime = runtime;
    this.#gathered = gathered;
  }

  /** Gives a command to the object of this name. Throws what the call throws. */
  async ask(caller: Caller, name: string, command: Command): Promise<Answer> {
    const { companyMs, lateMs, one } = this.#gathered;
    const alone = () => callObject(() => one(caller.env, name, command));
    const meeting = this.#meeting(name);
    const nowMs = this.#runtime.now();
    const isAlone = nowMs - meeting.lastAtMs > companyMs(command);
    meeting.lastAtMs = nowMs;
    if (isAlone) return alone();
    const { promise, resolve } = Promise.withResolvers<Outcome<Answer> | null>();
    const timer = this.#runtime.setTimer(() => {
      resolve(null);
    }, lateMs);
    this.#openCall(caller, name, meeting, companyMs(command)).push({ command, tell: resolve });
    const told = await promise;
    this.#runtime.clearTimer(timer);
    if (told === null) return alone();
    if (told.ok) return told.value;
    throw told.error;
  }

  #meeting(name: string): Meeting<Command, Answer> {
    const known = this.#meetings.get(name);
    if (known) return known;
    if (this.#meetings.size >= OBJECTS_MAX) this.#meetings.clear();
    const meeting = { lastAtMs: -Infinity, next: [], opensAtMs: -Infinity };
    this.#meetings.set(name, meeting);
    return meeting;
  }

  /** Who goes with the next call; this request makes it, if nobody else is about to. */
  #openCall(
    caller: Caller,
    name: string,
    meeting: Meeting<Command, Answer>,
    companyMs: number,
  ): Member<Command, Answer>[] {
    const nowMs = this.#runtime.now();
    const isLost = nowMs - meeting.opensAtMs > LOST_MS;
    const isOpen = meeting.next.length > 0 && meeting.next.length < CALL_MAX_COMMANDS;
    if (isOpen && !isLost) return meeting.next;
    const members: Member<Command, Answer>[] = [];
    meeting.next = members;
    meeting.opensAtMs = nowMs;
    caller.waitUntil(this.#call(caller, name, meeting, { members, companyMs }));
    return members;
  }

  async #call(
    { env }: Caller,
    name: string,
    meeting: Meeting<Command, Answer>,
    { members, companyMs }: { members: Member<Command, Answer>[]; companyMs: number },
  ): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#runtime.setTimer(resolve, companyMs);
    });
    if (meeting.next === members) meeting.next = [];
    const commands = members.map(({ command }) => command);
    try {
      const told = await callObject(() => this.#gathered.many(env, name, commands));
      for (const [index, { tell }] of members.entries()) tell(told[index] ?? null);
    } catch (error) {
      for (const { tell } of members) tell({ ok: false, error });
    }
  }
}
