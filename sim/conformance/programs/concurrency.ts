import {
  list,
  logSeen,
  outcome,
  sights,
  sleep,
  type Act,
  type Inside,
  type Program,
  type Programs,
} from "../program.ts";

/** Notes when something begins and ends, so that what comes in between is seen. */
async function noted({ see }: Inside, work: () => Promise<unknown>): Promise<void> {
  see("begin");
  await work();
  see("end");
}

/** What an object has seen from "begin" to "end". */
function between(seen: readonly string[]): string {
  return list(seen.slice(seen.indexOf("begin"), seen.indexOf("end") + 1));
}

const second: Act = ({ see }) => see("second");
const slow: Act = (inside) => sleep(inside, 30);

/** A second call arrives while the first does this: it comes in between. */
function open(work: (inside: Inside) => Promise<unknown>): Program {
  return {
    acts: { first: (inside) => noted(inside, () => work(inside)), second, slow },
    async drive(outside) {
      const { probe, log } = outside;
      const first = probe("object").act("first");
      await sights(outside, "object", 1);
      await probe("object").act("second");
      await first;
      log(between(await probe("object").seen()));
    },
  };
}

/** Calls arrive before and while the first does this: none of them comes in between. */
function closed(work: (inside: Inside) => Promise<unknown>): Program {
  return {
    acts: { first: (inside) => noted(inside, () => work(inside)), second, slow },
    async drive({ probe, log }) {
      await probe("object").written();
      const seconds = Array.from({ length: 5 }, () => "second");
      const calls = ["second", "first", ...seconds].map((act) => probe("object").act(act));
      await Promise.all(calls);
      log(between(await probe("object").seen()));
    },
  };
}

/** A constructor that blocks for this: calls that wake the object run afterwards. */
function blocked(work: (inside: Inside) => Promise<unknown>): Program {
  return {
    acts: {
      wake: (inside) => {
        if (!inside.ctx.id.name?.endsWith("/object")) return;
        void inside.ctx.blockConcurrencyWhile(() => noted(inside, () => work(inside)));
        inside.see("constructed");
      },
      call: ({ see }) => see("call"),
      slow,
    },
    async drive(outside) {
      await Promise.all([1, 2].map(() => outside.probe("object").act("call")));
      await logSeen(outside, "object");
    },
  };
}

/** What comes in while something else waits, and what does not: the input gate. */
export const CONCURRENCY: Programs = {
  "concurrency: a call comes in while an object is awaited": open(({ peer }) =>
    peer("other").act("slow"),
  ),
  "concurrency: a call comes in while a timer is awaited": open((inside) => sleep(inside, 30)),

  "concurrency: nothing comes in while storage is awaited": closed(
    async ({ ctx, runtime, write }) => {
      await ctx.storage.getAlarm();
      await ctx.storage.setAlarm(runtime.now() + 60_000);
      write("line");
      await ctx.storage.getAlarm();
      await ctx.storage.deleteAlarm();
    },
  ),
  "concurrency: nothing comes in while promises of one's own are awaited": closed(async () => {
    for (let times = 0; times < 100; times++) await Promise.resolve();
  }),
  "concurrency: nothing comes in while a method blocks": closed(({ ctx, peer }) =>
    ctx.blockConcurrencyWhile(() => peer("other").act("slow")),
  ),

  "concurrency: calls wait while a constructor blocks for storage": blocked(({ ctx }) =>
    ctx.storage.getAlarm(),
  ),
  "concurrency: calls wait while a constructor blocks for an object": blocked(({ peer }) =>
    peer("other").act("slow"),
  ),
  "concurrency: calls wait while a constructor blocks for a timer": blocked((inside) =>
    sleep(inside, 5),
  ),

  "concurrency: what blocks runs in a turn of its own": {
    acts: {
      block: async ({ ctx, see }) => {
        const done = ctx.blockConcurrencyWhile(() => {
          see("block");
          return Promise.resolve("value");
        });
        see("after");
        for (let times = 0; times < 10; times++) await Promise.resolve();
        see("end of the turn");
        return done;
      },
    },
    async drive(outside) {
      outside.log(await outcome(outside.probe("object").act("block")));
      await logSeen(outside, "object");
    },
  },

  "concurrency: a timer waits while a method blocks, unless the block set it": {
    acts: {
      block: async (inside) => {
        const { ctx, runtime, see } = inside;
        runtime.setTimer(() => see("timer"), 5);
        await ctx.blockConcurrencyWhile(() => noted(inside, () => sleep(inside, 30)));
        await sleep(inside, 10);
      },
    },
    async drive(outside) {
      await outside.probe("object").act("block");
      await logSeen(outside, "object");
    },
  },

  "concurrency: an object may be called by one that it calls": {
    acts: {
      call: ({ peer }) => peer("other").act("call_back"),
      call_back: ({ peer }) => peer("object").act("answer"),
      answer: () => "answer",
    },
    async drive({ probe, log }) {
      log(await outcome(probe("object").act("call")));
    },
  },

  "concurrency: an alarm's handler awaits an object: a call comes in": {
    acts: {
      set: ({ ctx, runtime }) => ctx.storage.setAlarm(runtime.now() + 5),
      alarm: (inside) => noted(inside, () => inside.peer("other").act("call_back")),
      call_back: ({ peer }) => peer("object").act("second"),
      second,
    },
    async drive(outside) {
      await outside.probe("object").act("set");
      await sights(outside, "object", 3);
      await logSeen(outside, "object");
    },
  },

  "concurrency: replies settle in a turn each": {
    acts: {
      call: (inside) =>
        Promise.all(
          ["a", "b", "c"].map(async (role) => {
            await inside.peer(role).act("slow");
            await noted(inside, async () => {
              for (let times = 0; times < 20; times++) await Promise.resolve();
            });
          }),
        ),
      slow,
    },
    async drive(outside) {
      await outside.probe("object").act("call");
      await logSeen(outside, "object");
    },
  },
};
