import {
  describe,
  list,
  logSeen,
  logWritten,
  outcome,
  sights,
  type Act,
  type Programs,
} from "../program.ts";

class OwnError extends Error {
  readonly code = "own_code";
}

class Own {
  readonly value = 1;
}

/** What an object keeps in memory. */
const KEPT = new Map<string, unknown>();

const abort: Act = ({ ctx }) => ctx.abort("app: abort");
const fine: Act = () => "fine";
const plain: Act = () => {
  throw new Error("app: plain");
};
/** A method that never returns. */
const wait: Act = ({ see }) => {
  see("waits");
  return new Promise(() => {});
};

/** Values of every kind that is sent between objects. */
const VALUES = [
  undefined,
  null,
  Number.NaN,
  -0,
  "text",
  true,
  [1, undefined, null],
  { a: undefined, b: [] },
  new Date(0),
  new Map([["a", 1]]),
  new Set([1]),
  new Uint8Array([1, 2]),
  new ArrayBuffer(3),
];

/** A value in words that tell what a copy may lose. */
function describeValue(value: unknown): string {
  if (Object.is(value, -0)) return "-0";
  if (typeof value !== "object" || value === null) return `${typeof value} ${String(value)}`;
  const { name } = value.constructor;
  if (value instanceof Date) return `${name} ${value.getTime()}`;
  if (value instanceof Map || value instanceof Set) return `${name} ${JSON.stringify([...value])}`;
  if (value instanceof ArrayBuffer) return `${name} of ${value.byteLength}`;
  return `${name} ${list(Object.entries(value).map(([key, entry]) => `${key}: ${String(entry)}`))}`;
}

/** What a caller learns of what went wrong at the other side. */
const FAILURES: Programs = {
  "errors: what an object throws": {
    acts: {
      plain,
      range: () => {
        throw new RangeError("app: range");
      },
      own: () => {
        throw new OwnError("app: own");
      },
      properties: () => {
        throw Object.assign(new TypeError("app: properties"), { code: 7, retryable: false });
      },
      rejected: () => Promise.reject(new Error("app: rejected")),
      text: () => {
        throw "app: text";
      },
      object: () => {
        throw { code: 7 };
      },
    },
    async drive({ probe, log }) {
      const stub = probe("object");
      for (const act of ["plain", "range", "own", "properties", "rejected", "text", "object"])
        log(`${act}: ${await outcome(stub.act(act))}`);
    },
  },

  "errors: an exception harms neither object nor stub": {
    acts: { wake: ({ see }) => see("wake"), plain, fine },
    async drive(outside) {
      const stub = outside.probe("object");
      outside.log(await outcome(stub.act("plain")));
      outside.log(await outcome(stub.act("fine")));
      await logSeen(outside, "object");
    },
  },

  "errors: an exception that passes through another object": {
    acts: {
      pass: ({ peer }) => peer("other").act("throw"),
      tell: ({ peer }) => peer("other").act("throw").catch(describe),
      throw: () => {
        throw Object.assign(new RangeError("app: far away"), { code: 7 });
      },
    },
    async drive({ probe, log }) {
      log(await outcome(probe("object").act("pass")));
      log(await outcome(probe("object").act("tell")));
    },
  },

  "errors: a method that is not there": {
    acts: {},
    async drive({ probe, log }) {
      const stub = probe("object") as unknown as Record<string, () => Promise<unknown>>;
      log(await outcome(Promise.resolve(stub["nothing"]?.())));
      log(await outcome(probe("object").written()));
    },
  },

  "errors: calls in an object that aborts": {
    acts: { wait, abort },
    async drive(outside) {
      const { probe, log } = outside;
      const waiting = outcome(probe("object").act("wait"));
      await sights(outside, "object", 1);
      log(`aborts: ${await outcome(probe("object").act("abort"))}`);
      log(`in flight: ${await waiting}`);
      log(`afterwards: ${await outcome(probe("object").written())}`);
    },
  },

  "errors: stubs of an object that aborted": {
    acts: { wait, abort, fine },
    async drive(outside) {
      const { probe, log } = outside;
      const stubs = {
        waiting: probe("object"),
        aborting: probe("object"),
        idle: probe("object"),
        unused: probe("object"),
      };
      await stubs.idle.act("fine");
      const waiting = outcome(stubs.waiting.act("wait"));
      await sights(outside, "object", 1);
      await outcome(stubs.aborting.act("abort"));
      await waiting;
      for (const [name, stub] of Object.entries(stubs)) {
        log(`${name}: ${await outcome(stub.act("fine"))}`);
        log(`${name} again: ${await outcome(stub.act("fine"))}`);
      }
      log(`fresh: ${await outcome(probe("object").act("fine"))}`);
    },
  },

  "errors: stubs of an object whose constructor throws": {
    acts: {
      wake: ({ ctx }) => {
        if (ctx.id.name?.endsWith("/object")) throw new Error("app: constructor");
      },
      fine,
    },
    async drive({ probe, log }) {
      const stub = probe("object");
      log(await outcome(stub.act("fine")));
      log(`the same stub: ${await outcome(stub.act("fine"))}`);
      log(`a fresh stub: ${await outcome(probe("object").act("fine"))}`);
    },
  },

  "errors: an object that aborts, seen by one that called it": {
    acts: {
      call: async ({ peer, see, write }) => {
        await peer("other")
          .act("abort")
          .catch((error: unknown) => see(describe(error)));
        write("caught");
      },
      pass: ({ peer }) => peer("other").act("abort"),
      abort,
    },
    async drive(outside) {
      outside.log(await outcome(outside.probe("object").act("call")));
      await logSeen(outside, "object");
      await logWritten(outside, "object");
      outside.log(await outcome(outside.probe("object").act("pass")));
    },
  },
};

/** What arrives of arguments and results. */
const COPIES: Programs = {
  "errors: arguments and results are copies": {
    acts: {
      keep: (_, value: { list: number[] }) => {
        value.list.push(2);
        KEPT.set("value", value);
        return value;
      },
      look: () => KEPT.get("value"),
    },
    async drive({ probe, log }) {
      const sent = { list: [1] };
      const answered = probe("object").act("keep", sent);
      sent.list.push(3);
      const answer = (await answered) as typeof sent;
      answer.list.push(4);
      const kept = await probe("object").act("look");
      log(`sent ${JSON.stringify(sent)}`);
      log(`answer ${JSON.stringify(answer)}`);
      log(`kept ${JSON.stringify(kept)}`);
    },
  },

  "errors: what a copy keeps": {
    acts: {
      tell: (_, value: unknown) => describeValue(value),
      echo: (_, value: unknown) => value,
      nothing: () => {},
      shared: () => {
        const one = { value: 1 };
        return { a: one, b: one };
      },
    },
    async drive({ probe, log }) {
      const stub = probe("object");
      for (const value of VALUES) {
        const there = String(await stub.act("tell", value));
        log(`${there}, back ${describeValue(await stub.act("echo", value))}`);
      }
      log(String(await stub.act("nothing")));
      const { a, b } = (await stub.act("shared")) as { a: unknown; b: unknown };
      log(`shared ${String(a === b)}`);
    },
  },

  "errors: an instance of one's own class": {
    acts: { tell: (_, value: unknown) => describeValue(value), own: () => new Own() },
    async drive({ probe, log }) {
      const isRefused = async (call: Promise<unknown>): Promise<string> =>
        call.then(
          () => "copied",
          (error: unknown) => (error instanceof Error ? error.name : "refused"),
        );
      log(`argument ${await isRefused(probe("object").act("tell", new Own()))}`);
      log(`result ${await isRefused(probe("object").act("own"))}`);
    },
    differs: {
      why: "Looking at every value for a class of its own would cost more than it finds: the types forbid it, and the tests in workerd would see it.",
      simulated: ["argument copied", "result copied"],
    },
  },
};

export const ERRORS: Programs = { ...FAILURES, ...COPIES };
