import {
  lines,
  list,
  logSeen,
  logWritten,
  outcome,
  sights,
  sleep,
  tried,
  type Act,
  type Inside,
  type Programs,
} from "../program.ts";

const SOON_MS = 10;
const MINUTE_MS = 60_000;

/** The alarm that is set, in words. */
async function alarmOf({ ctx, runtime }: Inside): Promise<string> {
  const atMs = await ctx.storage.getAlarm();
  if (atMs === null) return "none";
  const minutes = Math.round((atMs - runtime.now()) / MINUTE_MS);
  return minutes > 0 ? `in ${minutes} min` : "soon";
}

function countLines({ ctx }: Inside): number {
  return ctx.storage.sql.exec("SELECT id FROM line").toArray().length;
}

const setSoon: Act = ({ ctx, runtime }) => ctx.storage.setAlarm(runtime.now() + SOON_MS);
const abort: Act = ({ ctx }) => ctx.abort("app: abort");

/** Sets or deletes the alarm in a transaction that throws. */
function changeAndThrow({ ctx, runtime }: Inside, minutes: number | null): string {
  return tried(() =>
    ctx.storage.transactionSync(() => {
      if (minutes === null) void ctx.storage.deleteAlarm();
      else void ctx.storage.setAlarm(runtime.now() + minutes * MINUTE_MS);
      throw new Error("app: transaction");
    }),
  );
}

/** Setting the one alarm of an object. */
const SETTING: Programs = {
  "alarm: one an object, the last one set": {
    acts: {
      set: ({ ctx, runtime }, minutes: number) =>
        ctx.storage.setAlarm(runtime.now() + minutes * MINUTE_MS),
      delete: ({ ctx }) => ctx.storage.deleteAlarm(),
      look: alarmOf,
    },
    async drive({ probe, log }) {
      const object = probe("object");
      log(String(await object.act("look")));
      for (const minutes of [3, 2, 5]) {
        await object.act("set", minutes);
        log(String(await object.act("look")));
      }
      await object.act("delete");
      log(String(await object.act("look")));
    },
  },

  "alarm: replaced by an earlier one, it comes once": {
    acts: {
      set: async ({ ctx, runtime }) => {
        await ctx.storage.setAlarm(runtime.now() + 8 * SOON_MS);
        await ctx.storage.setAlarm(runtime.now() + SOON_MS);
      },
      last: ({ ctx, runtime }) => ctx.storage.setAlarm(runtime.now() + 20 * SOON_MS),
      alarm: ({ write }) => write("alarm"),
    },
    async drive(outside) {
      await outside.probe("object").act("set");
      await lines(outside, "object", 1);
      await outside.probe("object").act("last");
      await lines(outside, "object", 2);
      await logWritten(outside, "object");
    },
  },

  "alarm: replaced by a later one, it comes at that time": {
    acts: {
      set: async ({ ctx, runtime, see }, delayMs: number) => {
        const atMs = runtime.now() + delayMs;
        await ctx.storage.setAlarm(atMs);
        see(String(atMs));
      },
      alarm: async ({ runtime, peer, write }) => {
        const [, atMs] = await peer("object").seen();
        write(runtime.now() < Number(atMs) ? "too early" : "alarm");
      },
    },
    async drive(outside) {
      await outside.probe("object").act("set", 1_500);
      await outside.probe("object").act("set", 1_800);
      await lines(outside, "object", 1);
      await logWritten(outside, "object");
    },
  },

  "alarm: a time that has passed counts as now": {
    acts: {
      set: async ({ ctx, runtime }) => {
        const beforeMs = runtime.now();
        await ctx.storage.setAlarm(beforeMs - MINUTE_MS);
        const atMs = await ctx.storage.getAlarm();
        return atMs !== null && atMs >= beforeMs ? "now" : "as given";
      },
      alarm: ({ write }) => write("alarm"),
    },
    async drive(outside) {
      outside.log(await outcome(outside.probe("object").act("set")));
      await lines(outside, "object", 1);
      await logWritten(outside, "object");
    },
  },

  "alarm: a time that is none": {
    acts: { set: ({ ctx }, atMs: number) => ctx.storage.setAlarm(atMs) },
    async drive({ probe, log }) {
      for (const atMs of [0, -1, Number.NaN]) log(await outcome(probe("object").act("set", atMs)));
    },
  },

  "alarm: set in a transaction that throws, it is not set": {
    acts: {
      set: ({ ctx, runtime }) => ctx.storage.setAlarm(runtime.now() + 2 * MINUTE_MS),
      set_throw: (inside) => changeAndThrow(inside, 1),
      delete_throw: (inside) => changeAndThrow(inside, null),
      look: alarmOf,
    },
    async drive({ probe, log }) {
      const object = probe("object");
      for (const act of ["set_throw", "look", "set", "set_throw", "look", "delete_throw", "look"])
        log(`${act} ${await outcome(object.act(act))}`);
    },
  },

  "alarm: set in a turn that aborts, it is not set": {
    acts: {
      set_abort: ({ ctx, runtime }) => {
        void ctx.storage.setAlarm(runtime.now() + SOON_MS);
        ctx.abort("app: abort");
      },
      last: ({ ctx, runtime }) => ctx.storage.setAlarm(runtime.now() + 6 * SOON_MS),
      alarm: ({ write }) => write("alarm"),
      look: alarmOf,
    },
    async drive(outside) {
      const { probe, log } = outside;
      await probe("object").written();
      await outcome(probe("object").act("set_abort"));
      log(await outcome(probe("object").act("look")));
      await probe("object").act("last");
      await lines(outside, "object", 1);
      await logWritten(outside, "object");
    },
  },

  "alarm: moved in a turn that aborts, it is not moved": {
    acts: {
      set: ({ ctx, runtime }) => ctx.storage.setAlarm(runtime.now() + 2 * MINUTE_MS),
      set_abort: ({ ctx, runtime }, minutes: number) => {
        void ctx.storage.setAlarm(runtime.now() + minutes * MINUTE_MS);
        ctx.abort("app: abort");
      },
      look: alarmOf,
    },
    async drive({ probe, log }) {
      await probe("object").act("set");
      for (const minutes of [1, 3]) {
        await outcome(probe("object").act("set_abort", minutes));
        log(await outcome(probe("object").act("look")));
      }
    },
  },
};

/** What the handler sees, and what becomes of the alarm when it ends. */
const HANDLING: Programs = {
  "alarm: gone inside its handler, for everybody, and after": {
    acts: {
      set: setSoon,
      alarm: async (inside) => {
        inside.write(await alarmOf(inside));
        inside.write(String(await inside.peer("other").act("look_at_caller")));
        inside.write(await alarmOf(inside));
      },
      look_at_caller: ({ peer }) => peer("object").act("look"),
      look: alarmOf,
    },
    async drive(outside) {
      await outside.probe("object").act("set");
      await lines(outside, "object", 3);
      await logWritten(outside, "object");
      outside.log(await outcome(outside.probe("object").act("look")));
    },
  },

  "alarm: set anew inside its handler": {
    acts: {
      set: setSoon,
      alarm: async (inside, ...none: never[]) => {
        inside.write("alarm");
        if (countLines(inside) < 3) await setSoon(inside, ...none);
        inside.see(await alarmOf(inside));
      },
      look: alarmOf,
    },
    async drive(outside) {
      await outside.probe("object").act("set");
      await sights(outside, "object", 3);
      await logSeen(outside, "object");
      await outside.until(async () => (await outside.probe("object").act("look")) === "none");
      await logWritten(outside, "object");
    },
  },

  "alarm: set anew from outside while its handler runs": {
    acts: {
      set: setSoon,
      alarm: async (inside) => {
        inside.write("begin");
        if (countLines(inside) === 1) await inside.peer("other").act("set_of_caller");
        inside.write(await alarmOf(inside));
      },
      set_of_caller: ({ peer }) => peer("object").act("set"),
      look: alarmOf,
    },
    async drive(outside) {
      await outside.probe("object").act("set");
      await lines(outside, "object", 4);
      await logWritten(outside, "object");
      outside.log(await outcome(outside.probe("object").act("look")));
    },
  },

  "alarm: written but not changed by its handler, it is stored and never comes": {
    acts: {
      set: setSoon,
      alarm: async (inside) => {
        inside.write(changeAndThrow(inside, 1));
        inside.write(await alarmOf(inside));
      },
      wait: (inside) => sleep(inside, 300),
      look: alarmOf,
      abort,
    },
    async drive(outside) {
      const { probe, log } = outside;
      await probe("object").act("set");
      await lines(outside, "object", 2);
      await outcome(probe("object").act("abort"));
      await probe("object").act("wait");
      log(await outcome(probe("object").act("look")));
      await logWritten(outside, "object");
      await probe("object").act("set");
      await lines(outside, "object", 4);
    },
  },

  "alarm: a handler that throws comes again, and keeps what it wrote": {
    acts: {
      set: setSoon,
      alarm: (inside) => {
        inside.write("alarm");
        inside.see("alarm");
        if (countLines(inside) === 1) throw new Error("app: alarm");
      },
      look: alarmOf,
    },
    async drive(outside) {
      const { probe, log } = outside;
      await probe("object").act("set");
      await sights(outside, "object", 1);
      log(await outcome(probe("object").act("look")));
      await logWritten(outside, "object");
      await lines(outside, "object", 2);
      await logWritten(outside, "object");
      log(await outcome(probe("object").act("look")));
    },
  },

  "alarm: a handler that throws after it set the alarm anew": {
    acts: {
      set: setSoon,
      alarm: async (inside, ...none: never[]) => {
        inside.write("alarm");
        if (countLines(inside) > 1) return;
        await setSoon(inside, ...none);
        throw new Error("app: alarm");
      },
      look: alarmOf,
    },
    async drive(outside) {
      await outside.probe("object").act("set");
      await lines(outside, "object", 2);
      await logWritten(outside, "object");
      await outside.until(async () => (await outside.probe("object").act("look")) === "none");
    },
  },

  "alarm: a handler that throws after it deleted the alarm": {
    acts: {
      set: setSoon,
      alarm: async (inside) => {
        inside.write("alarm");
        await inside.ctx.storage.deleteAlarm();
        if (countLines(inside) === 1) throw new Error("app: alarm");
      },
      look: alarmOf,
    },
    async drive(outside) {
      await outside.probe("object").act("set");
      await lines(outside, "object", 1);
      outside.log(await outcome(outside.probe("object").act("look")));
    },
  },

  "alarm: a handler that aborts comes again, and loses what it wrote": {
    acts: {
      set: setSoon,
      alarm: async ({ ctx, peer, see, write }) => {
        see("alarm");
        const times = await peer("counter").act("count");
        write(`alarm ${String(times)}`);
        if (times === 1) ctx.abort("app: abort");
      },
      count: (inside) => {
        inside.write("count");
        return countLines(inside);
      },
      look: alarmOf,
    },
    async drive(outside) {
      await outside.probe("object").act("set");
      await lines(outside, "object", 1);
      await logWritten(outside, "object");
      await logSeen(outside, "object");
      outside.log(await outcome(outside.probe("object").act("look")));
    },
  },

  "alarm: wakes an object that went under, and waits for its constructor's block": {
    acts: {
      wake: ({ ctx, peer, see }) => {
        if (!ctx.id.name?.endsWith("/object")) return;
        void ctx.blockConcurrencyWhile(async () => {
          await peer("other").act("nothing");
          see("ready");
        });
      },
      nothing: () => null,
      set: ({ ctx, runtime }) => ctx.storage.setAlarm(runtime.now() + 20 * SOON_MS),
      abort,
      alarm: ({ peer, see }) => {
        see("alarm");
        return peer("other").act("hear");
      },
      hear: ({ write }) => write("heard"),
    },
    async drive(outside) {
      await outside.probe("object").act("set");
      await outcome(outside.probe("object").act("abort"));
      await lines(outside, "other", 1);
      outside.log(list(await outside.probe("object").seen()));
    },
  },
};

export const ALARM: Programs = { ...SETTING, ...HANDLING };
