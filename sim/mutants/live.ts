import type { Mutant } from "./mutant.ts";

/** Boards over sockets, and the rights to them. */
export const LIVE_MUTANTS: readonly Mutant[] = [
  {
    name: "a shard that lost its parked call does not ask again",
    breaks: "whoever stays connected hears of the last board",
    patches: [
      {
        file: "durable-objects/live-board.ts",
        find: "this.#tokens.sweep(this.#runtime.now());\n    this.#keepWatch();",
        replace: "this.#tokens.sweep(this.#runtime.now());",
      },
    ],
    invariants: ["live.told", "live.back"],
    seedsMax: 300,
  },
  {
    name: "a root tells its shards of nothing",
    breaks: "what the line says goes on at once",
    patches: [
      {
        file: "durable-objects/live-root.ts",
        find: "this.#feed.changed(editionOf(board));",
        replace: "this.#feed.changed(Math.min(editionOf(board), 1));",
      },
    ],
    invariants: ["live.told"],
    seedsMax: 300,
  },
  {
    name: "a shard keeps the first board that it heard",
    breaks: "what a page is pushed is never older than what it was pushed before",
    patches: [
      {
        file: "durable-objects/board-watch.ts",
        find: "if (edition >= known) this.#board = board;",
        replace: "if (edition >= known) this.#board ??= board;",
      },
    ],
    invariants: ["live.forward"],
    seedsMax: 300,
  },
  {
    name: "an item's counters change under the same version",
    breaks: "a version is one board",
    patches: [
      {
        file: "durable-objects/sequencer-store.ts",
        find: `if (written.rowsWritten > 0) this.#sql.exec("UPDATE sale SET version = version + 1");`,
        replace: "",
      },
    ],
    invariants: ["live.board"],
    seedsMax: 300,
  },
  {
    name: "a waiting list that is not known is told as an empty one",
    breaks: "a board says of an item what the line knows",
    patches: [
      {
        file: "domain/queue/sale-status.ts",
        find: `return waiting === undefined || offered === undefined
    ? level
    : { ...level, waiting, offered: [...offered] };`,
        replace: "return { ...level, waiting: waiting ?? 0, offered: [...(offered ?? [])] };",
      },
    ],
    invariants: ["live.board"],
    seedsMax: 300,
  },
  {
    name: "a socket's text says whose it is",
    breaks: "everyone is pushed the same",
    patches: [
      {
        file: "durable-objects/live-board.ts",
        find: "if (board) server.send(this.#textOf(board));",
        replace:
          'if (board) server.send(this.#textOf(board).replace(\'{\', `{"binding":"${binding}",`));',
      },
    ],
    invariants: ["live.board"],
    seedsMax: 100,
  },
  {
    name: "a token opens a second socket",
    breaks: "the right to a socket is used up",
    patches: [
      {
        file: "durable-objects/live-token-store.ts",
        find: `if (!used || used.has(nonce)) return refuse("live_token_invalid");`,
        replace: `if (!used) return refuse("live_token_invalid");`,
      },
    ],
    invariants: ["live.token"],
    seedsMax: 100,
  },
  {
    name: "a token is good for ever",
    breaks: "the right to a socket lasts for 30 seconds",
    patches: [
      {
        file: "durable-objects/live-token-store.ts",
        find: `if (nowMs >= expiresAtMs) return refuse("live_token_invalid");`,
        replace: "",
      },
    ],
    invariants: ["live.token"],
    seedsMax: 100,
  },
  {
    name: "sockets that are gone are counted on",
    breaks: "who has lost a socket gets another one",
    patches: [
      {
        file: "durable-objects/live-board.ts",
        find: "this.#sockets -= 1;\n    if (this.#sockets > 0) return;\n    this.#sockets = this.#open().length;",
        replace: "if (this.#open().length > 0) return;",
      },
      {
        file: "durable-objects/live-board.ts",
        find: "if (isNews) this.#tell(board);\n    this.#sockets = this.#open().length;",
        replace: "if (isNews) this.#tell(board);",
      },
    ],
    invariants: ["live.back", "settles"],
    seedsMax: 1_000,
  },
];
