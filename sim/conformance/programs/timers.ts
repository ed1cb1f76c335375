import { lines, logSeen, logWritten, outcome, sleep, type Programs } from "../program.ts";

/** The timers of the `Runtime` that objects are given. */
export const TIMERS: Programs = {
  "timers: fire after the turn that set them, the sooner first": {
    acts: {
      set: async (inside) => {
        const { runtime, see } = inside;
        runtime.setTimer(() => see("later"), 20);
        runtime.setTimer(() => see("sooner"), 10);
        runtime.setTimer(() => see("at once"), 0);
        for (let times = 0; times < 10; times++) await Promise.resolve();
        see("end of the turn");
        await sleep(inside, 60);
      },
    },
    async drive(outside) {
      await outside.probe("object").act("set");
      await logSeen(outside, "object");
    },
  },

  "timers: fire in a turn each": {
    acts: {
      set: async (inside) => {
        const { runtime, see } = inside;
        const turn = async (): Promise<void> => {
          see("begin");
          for (let times = 0; times < 10; times++) await Promise.resolve();
          see("end");
        };
        for (let timer = 0; timer < 3; timer++) runtime.setTimer(() => void turn(), 0);
        await sleep(inside, 30);
      },
    },
    async drive(outside) {
      await outside.probe("object").act("set");
      await logSeen(outside, "object");
    },
  },

  "timers: fire after the call that set them returned, write and send": {
    acts: {
      set: ({ runtime, write, peer }) =>
        void runtime.setTimer(() => {
          write("fired");
          void peer("other").act("hear");
        }, 10),
      hear: ({ write }) => write("heard"),
    },
    async drive(outside) {
      await outside.probe("object").act("set");
      await lines(outside, "other", 1);
      await logWritten(outside, "object", "other");
    },
  },

  "timers: cleared, they do not fire": {
    acts: {
      set: async (inside) => {
        const { runtime, see } = inside;
        const timer = runtime.setTimer(() => see("fired"), 1);
        runtime.clearTimer(timer);
        await sleep(inside, 20);
        runtime.clearTimer(timer);
      },
    },
    async drive(outside) {
      await outside.probe("object").act("set");
      await logSeen(outside, "object");
    },
  },

  "timers: do not fire once their object aborted": {
    acts: {
      set: ({ ctx, runtime, see }) => {
        runtime.setTimer(() => ctx.abort("app: abort"), 10);
        runtime.setTimer(() => see("fired"), 20);
      },
      wait: (inside) => sleep(inside, 60),
    },
    async drive(outside) {
      await outside.probe("object").act("set");
      await outcome(outside.probe("object").act("wait"));
      await outside.probe("object").act("wait");
      await logSeen(outside, "object");
    },
  },

  "timers: one that throws harms nobody, and keeps what it wrote": {
    acts: {
      wake: ({ see }) => see("wake"),
      set: async (inside) => {
        inside.runtime.setTimer(() => {
          inside.write("kept");
          throw new Error("app: timer");
        }, 1);
        await sleep(inside, 20);
        return "fine";
      },
    },
    async drive(outside) {
      outside.log(await outcome(outside.probe("object").act("set")));
      await logWritten(outside, "object");
      await logSeen(outside, "object");
    },
  },
};
