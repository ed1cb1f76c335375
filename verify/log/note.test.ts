import { describe, expect, it } from "vitest";
import { parseLogKeys, signCheckpoint, verifierKey } from "../../domain/log/note.ts";
import { Unreadable } from "../finding.ts";
import { openCheckpoint, parseVerifierKey, parseVerifierKeys } from "./note.ts";

const NAME = "shop.example/sales/a%20drop";
const [old, newer] = [
  ...parseLogKeys(
    `old:${Buffer.alloc(32, 1).toString("base64url")},new:${Buffer.alloc(32, 2).toString("base64url")}`,
  ).values(),
];
if (!old || !newer) throw new Error("two keys");
const keys = parseVerifierKeys(`${verifierKey(NAME, newer)}\n${verifierKey(NAME, old)}\n`);
const head = { size: 17, head: Buffer.alloc(32, 5) };

describe("a checkpoint", () => {
  it("is read as the server signs it, by whichever key", () => {
    for (const key of [old, newer]) {
      const opened = openCheckpoint(signCheckpoint(NAME, head, key), keys);
      expect(opened).toMatchObject({ origin: NAME, ...head });
      expect(opened.signedBy?.text).toBe(verifierKey(NAME, key));
    }
  });

  it("of a key that is not known, or that says something else, is signed by nobody", () => {
    const note = signCheckpoint(NAME, head, old);
    const others = keys.filter(({ text }) => text !== verifierKey(NAME, old));
    expect(openCheckpoint(note, others).signedBy).toBeNull();
    expect(openCheckpoint(note.replace("\n17\n", "\n18\n"), keys).signedBy).toBeNull();
    expect(openCheckpoint(note.replace("drop\n17", "crop\n17"), keys).signedBy).toBeNull();
  });

  it("may carry signatures of others and lines of its own", () => {
    const note = signCheckpoint(NAME, head, old);
    const witnessed = `${note}\u2014 a.witness ${Buffer.alloc(68, 1).toString("base64")}\n`;
    expect(openCheckpoint(witnessed, keys).signedBy).not.toBeNull();
  });

  it.each(["", "a\nb\nc\n", "x\n1\n\n\u2014 x AA==\n", "x\n01\nAA==\n\n\u2014 x AA==\n"])(
    "%j is none",
    (text) => {
      expect(() => openCheckpoint(text, keys)).toThrow(Unreadable);
    },
  );
});

describe("a key", () => {
  it("is known by its name and bytes", () => {
    const text = verifierKey(NAME, old);
    expect(parseVerifierKey(text).name).toBe(NAME);
    for (const wrong of [
      "",
      "name",
      text.replace(NAME, "another"),
      text.slice(0, -4),
      text.replace(/\+[0-9a-f]{8}\+/, "+00000000+"),
    ])
      expect(() => parseVerifierKey(wrong)).toThrow(Unreadable);
  });
});
