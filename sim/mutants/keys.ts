import type { Mutant } from "./mutant.ts";

/** Keys that are changed while a sale runs. */
export const KEYS_MUTANTS: readonly Mutant[] = [
  {
    name: "only the key that seals opens tokens",
    breaks: "a token is good while its key is listed",
    patches: [
      {
        file: "domain/token.ts",
        find: "const key = deriveKey(keyring, kid, purpose);\n  if (!key ||",
        replace: "const key = deriveKey(keyring, keyring.signingKid, purpose);\n  if (!key ||",
      },
    ],
    invariants: ["keys.listed"],
    seedsMax: 50,
  },
  {
    name: "only the key that seals opens order ids",
    breaks: "an order is found while its key is listed",
    patches: [
      {
        file: "domain/order-id.ts",
        find: "for (const kid of keyring.masters.keys()) {",
        replace: "for (const kid of [keyring.signingKid]) {",
      },
    ],
    invariants: ["keys.listed", "notice.genuine"],
    seedsMax: 50,
  },
  {
    name: "bindings are made with the key that seals",
    breaks: "nobody's number changes with the keys",
    patches: [
      {
        file: "domain/token.ts",
        find: `const kid = [...keyring.masters.keys()].at(-1) ?? "";`,
        replace: `const kid = keyring.signingKid;`,
      },
    ],
    invariants: ["keys.binding"],
    seedsMax: 50,
  },
  {
    name: "keys that were derived once are kept for ever",
    breaks: "a token of a key that was withdrawn is refused",
    patches: [
      {
        file: "domain/token.ts",
        find: "return { signingKid, masters, derived: new Map() };",
        replace: "return { signingKid, masters, derived: (globalThis.derived ??= new Map()) };",
      },
    ],
    invariants: ["keys.withdrawn"],
    seedsMax: 50,
  },
  {
    name: "a head of before is signed by the key of now",
    breaks: "a checkpoint is the same whenever it is asked for",
    patches: [
      {
        file: "durable-objects/sale-log.ts",
        find: "const key = keys.get(stored.kid) ?? this.#signingKey();",
        replace: "const key = this.#signingKey();",
      },
    ],
    invariants: ["log.heads"],
    seedsMax: 100,
  },
  {
    name: "outsiders verify with the first key alone",
    breaks: "a log verifies with all keys that have signed it",
    patches: [
      {
        file: "verify/log/note.ts",
        find: "keys.find(",
        replace: "keys.slice(0, 1).find(",
      },
    ],
    invariants: ["log.verifies"],
    seedsMax: 50,
  },
];
