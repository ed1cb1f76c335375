import {
  logSeen,
  logWritten,
  outcome,
  type Act,
  type Outside,
  type Program,
  type Programs,
} from "../program.ts";

/**
 * A sender that does something once, and then surely sends "after": by then what it sent before
 * has arrived, or never will.
 */
function sending(once: Act): Program {
  return {
    acts: {
      once,
      send: ({ peer }) => peer("receiver").act("receive", "after"),
      receive: ({ write }, line: string) => write(line),
    },
    async drive(outside) {
      const { probe, log } = outside;
      await wake(outside, "sender", "receiver");
      log(await outcome(probe("sender").act("once")));
      await probe("sender").act("send");
      await logWritten(outside, "sender", "receiver");
    },
  };
}

/** Has objects write what their constructors write. */
async function wake({ probe }: Outside, ...roles: string[]): Promise<void> {
  for (const role of roles) await probe(role).written();
}

/** Leaves the database in a state in which its commit fails. */
function spoil({ storage: { sql } }: DurableObjectState): void {
  sql.exec("PRAGMA defer_foreign_keys = ON");
  sql.exec("CREATE TABLE parent (id INTEGER PRIMARY KEY) STRICT");
  sql.exec("CREATE TABLE child (id INTEGER REFERENCES parent (id)) STRICT");
  sql.exec("INSERT INTO child (id) VALUES (1)");
}

/** What leaves an object, and when: the output gate and the implicit transaction of a turn. */
export const GATE: Programs = {
  "gate: write, send, abort in one turn: neither happened": sending(({ ctx, write, peer, see }) => {
    write("lost");
    void peer("receiver")
      .act("receive", "lost")
      .catch(() => see("failed"));
    ctx.abort("app: abort");
  }),

  "gate: send, write, abort in one turn: neither happened": sending(({ ctx, write, peer, see }) => {
    void peer("receiver")
      .act("receive", "lost")
      .catch(() => see("failed"));
    write("lost");
    ctx.abort("app: abort");
  }),

  "gate: send, abort in one turn: nothing happened": sending(({ ctx, peer, see }) => {
    void peer("receiver")
      .act("receive", "lost")
      .catch(() => see("failed"));
    ctx.abort("app: abort");
  }),

  "gate: write, send, return: both happened": sending(async ({ write, peer }) => {
    write("kept");
    await peer("receiver").act("receive", "kept");
  }),

  "gate: send, write, return: both happened": sending(async ({ write, peer }) => {
    const sent = peer("receiver").act("receive", "kept");
    write("kept");
    await sent;
  }),

  "gate: write, await a call, write, abort: the first write is kept": sending(
    async ({ ctx, write, peer }) => {
      write("kept");
      await peer("receiver").act("receive", "kept");
      write("lost");
      ctx.abort("app: abort");
    },
  ),

  "gate: a promise of one's own that is awaited does not end the turn": sending(
    async ({ ctx, write }) => {
      write("lost");
      await Promise.resolve();
      write("lost, too");
      await Promise.resolve();
      ctx.abort("app: abort");
    },
  ),

  "gate: storage that is awaited does not end the turn": sending(
    async ({ ctx, write, runtime }) => {
      write("lost");
      await ctx.storage.getAlarm();
      write("lost, too");
      await ctx.storage.setAlarm(runtime.now() + 60_000);
      ctx.abort("app: abort");
    },
  ),

  "gate: what is written after an abort is lost": sending(({ ctx, write }) => {
    try {
      ctx.abort("app: abort");
    } finally {
      write("lost");
    }
  }),

  "gate: a reply is seen after its write": {
    acts: {
      write: ({ write }) => {
        write("told");
        return "told";
      },
    },
    async drive(outside) {
      outside.log(await outcome(outside.probe("object").act("write")));
      await logWritten(outside, "object");
    },
  },

  "gate: no reply of a turn that aborts after it returned": {
    acts: {
      return: ({ ctx, write }, line: string | null) => {
        if (line !== null) write(line);
        void Promise.resolve()
          .then(() => ctx.abort("app: abort"))
          .catch(() => {});
        return "told";
      },
    },
    async drive(outside) {
      const { probe, log } = outside;
      await wake(outside, "object");
      log(await outcome(probe("object").act("return", "lost")));
      log(await outcome(probe("object").act("return", null)));
      await logWritten(outside, "object");
    },
  },

  "gate: a commit that fails takes with it what was sent after the write": sending(
    ({ ctx, write, peer, see }) => {
      spoil(ctx);
      write("lost");
      void peer("receiver")
        .act("receive", "lost")
        .catch(() => see("failed"));
      return "told";
    },
  ),

  "gate: a commit that fails and what was sent before the write": {
    ...sending(({ ctx, write, peer, see }) => {
      void peer("receiver")
        .act("receive", "before")
        .catch(() => see("failed"));
      spoil(ctx);
      write("lost");
      return "told";
    }),
    differs: {
      why: "In workerd a commit on the local disk fails before the call is on its way; in production, where commits take milliseconds, it has left.",
      simulated: [
        "error Error/Error {}",
        "sender has written []",
        "receiver has written [before, after]",
      ],
    },
  },

  "gate: a commit that fails takes the object's memory with it": {
    acts: {
      wake: ({ see }) => see("wake"),
      spoil: ({ ctx }) => spoil(ctx),
    },
    async drive(outside) {
      await outcome(outside.probe("object").act("spoil"));
      await outside.probe("object").written();
      await logSeen(outside, "object");
    },
  },
};
