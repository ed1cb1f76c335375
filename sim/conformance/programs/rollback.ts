import {
  logSeen,
  logWritten,
  outcome,
  tried,
  type Inside,
  type Program,
  type Programs,
} from "../program.ts";

/** A program of one object that does one thing: its lines are logged, and what is written. */
function once(act: (inside: Inside) => string[]): Program {
  return {
    acts: { act },
    async drive(outside) {
      const { probe, log } = outside;
      await probe("object").written();
      for (const line of (await probe("object").act("act")) as string[]) log(line);
      await logWritten(outside, "object");
    },
  };
}

function throwAfter(work: () => void): () => void {
  return () => {
    work();
    throw new Error("app: transaction");
  };
}

/** What a transaction or an exception undoes. */
export const ROLLBACK: Programs = {
  "rollback: a transaction that throws undoes its own writes": once(({ ctx, write }) => {
    write("before");
    const ended = tried(() => ctx.storage.transactionSync(throwAfter(() => write("undone"))));
    write("after");
    return [ended];
  }),

  "rollback: a transaction returns what its function returns": once(({ ctx, write }) => [
    tried(() =>
      ctx.storage.transactionSync(() => {
        write("kept");
        return { value: 1 };
      }),
    ),
    tried(() => ctx.storage.transactionSync(() => {})),
  ]),

  "rollback: a nested transaction that throws is undone alone": once(({ ctx, write }) => {
    const { storage } = ctx;
    return storage.transactionSync(() => {
      write("outer");
      const ended = tried(() => storage.transactionSync(throwAfter(() => write("inner"))));
      storage.transactionSync(() => write("second inner"));
      write("end of outer");
      return [ended];
    });
  }),

  "rollback: an outer transaction that throws undoes the nested": once(({ ctx, write }) => {
    const { storage } = ctx;
    const nested = (): void => {
      write("outer");
      storage.transactionSync(() => write("inner"));
    };
    return [tried(() => storage.transactionSync(throwAfter(nested)))];
  }),

  "rollback: transactions one after the other in one turn": once(({ ctx, write }) => {
    const { storage } = ctx;
    storage.transactionSync(() => write("first"));
    const ended = tried(() => storage.transactionSync(throwAfter(() => write("second"))));
    storage.transactionSync(() => write("third"));
    return [ended];
  }),

  "rollback: a transaction is part of its turn": {
    acts: {
      abort: ({ ctx, write }) => {
        ctx.storage.transactionSync(() => write("lost"));
        ctx.abort("app: abort");
      },
    },
    async drive(outside) {
      await outside.probe("object").written();
      await outcome(outside.probe("object").act("abort"));
      await logWritten(outside, "object");
    },
  },

  "rollback: a method that throws keeps what it wrote": {
    acts: {
      throw: ({ write }) => {
        write("kept");
        throw new Error("app: method");
      },
      reject: async ({ write }) => {
        write("kept, too");
        await Promise.resolve();
        throw new Error("app: method");
      },
    },
    async drive(outside) {
      outside.log(await outcome(outside.probe("object").act("throw")));
      outside.log(await outcome(outside.probe("object").act("reject")));
      await logWritten(outside, "object");
    },
  },

  "rollback: a constructor that throws loses what it wrote": {
    acts: {
      wake: ({ ctx, write }) => {
        const { length } = ctx.storage.sql.exec("SELECT id FROM line").toArray();
        write("lost");
        throw new Error(`app: constructor found ${length} lines`);
      },
    },
    async drive({ probe, log }) {
      const stub = probe("object");
      log(await outcome(stub.written()));
      log(`the same stub: ${await outcome(stub.written())}`);
      log(`a fresh stub: ${await outcome(probe("object").written())}`);
    },
  },

  "rollback: a blockConcurrencyWhile that throws takes the object's memory with it": {
    acts: {
      wake: ({ see }) => see("wake"),
      block: ({ ctx, write }) => {
        write("before the block");
        return ctx.blockConcurrencyWhile(async () => {
          await Promise.resolve();
          throw new Error("app: block");
        });
      },
    },
    async drive(outside) {
      outside.log(await outcome(outside.probe("object").act("block")));
      await outside.probe("object").written();
      await logSeen(outside, "object");
    },
  },
};
