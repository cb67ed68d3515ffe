import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { renderCard } from "../src/cli/holds/card.ts";
import { printable, printableJson, PrintableStream } from "../src/cli/terminal/printable.ts";
import { plainStyle } from "../src/cli/terminal/style.ts";
import { command } from "./fake-world.ts";
import { exampleHold } from "./example-hold.ts";
import { HoldServer } from "./hold-server.ts";

/** Written apart from the code under test: what a terminal obeys or draws as nothing. */
const UNSEEN: readonly (readonly [number, number])[] = [
  [0x00, 0x09],
  [0x0b, 0x1f],
  [0x7f, 0x9f],
  [0xad, 0xad],
  [0x34f, 0x34f],
  [0x61c, 0x61c],
  [0x115f, 0x1160],
  [0x17b4, 0x17b5],
  [0x180b, 0x180f],
  [0x200b, 0x200f],
  [0x2028, 0x202e],
  [0x2060, 0x206f],
  [0x2800, 0x2800],
  [0x3164, 0x3164],
  [0xd800, 0xf8ff],
  [0xfe00, 0xfe0f],
  [0xfeff, 0xfeff],
  [0xffa0, 0xffa0],
  [0xfff0, 0xfffb],
  [0x1d173, 0x1d17a],
  [0xe0000, 0x10ffff],
];

function unseenIn(text: string): string[] {
  return Array.from(text).filter((character) => {
    const point = character.codePointAt(0) ?? 0;
    return UNSEEN.some(([from, to]) => point >= from && point <= to);
  });
}

const tricks = fc.constantFrom(
  "\u001b[2J",
  "\u001b]0;title\u0007",
  "\r",
  "\b",
  "\u009b31m",
  "\u202e",
  "\u2066",
  "\u200b",
  "\ufeff",
  "\u{e0041}",
  "\u00a0",
  "\u3164",
  "\u2800",
  "\ud800",
  "\u2028",
  "⚠️",
  "👩‍💻",
  "é",
  "\n",
);
const hostile = fc
  .array(fc.oneof(tricks, fc.string({ unit: "binary", maxLength: 4 })), { maxLength: 12 })
  .map((pieces) => pieces.join(""));

describe("what agents wrote", () => {
  test("is one line of visible characters as a fact", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const shown = printable(text);
        expect(unseenIn(shown)).toEqual([]);
        expect(shown).not.toMatch(/\n|(?! )\p{Zs}/u);
      }),
      { numRuns: 3_000 },
    );
  });

  test("is visible as prose: only line ends, tabs and the inside of an emoji stay", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const shown = printable(text, { isProse: true }).replaceAll("\t", "");
        const emoji =
          /(?<=\p{Extended_Pictographic}\p{Emoji_Modifier}?)(\ufe0f|\u200d(?=\p{Extended_Pictographic})|\ufe0f\u200d(?=\p{Extended_Pictographic}))/gu;
        expect(unseenIn(shown.replaceAll(emoji, ""))).toEqual([]);
      }),
      { numRuns: 3_000 },
    );
  });

  test("is the same value as JSON, and no character of it is unseen", () => {
    fc.assert(
      fc.property(fc.array(hostile), (texts) => {
        const json = printableJson(texts);
        expect(JSON.parse(json)).toEqual(texts);
        expect(unseenIn(json)).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });

  test("is never lost when it streams in pieces, and never becomes more dangerous", () => {
    fc.assert(
      fc.property(fc.array(hostile, { maxLength: 6 }), (pieces) => {
        const stream = new PrintableStream();
        const shown = pieces.map((piece) => stream.push(piece)).join("") + stream.end();
        expect(shown).toBe(printable(pieces.join(""), { isProse: true }));
      }),
      { numRuns: 3_000 },
    );
  });

  test("cannot draw on the card of a hold, whichever field it is in", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const hold = exampleHold({
          title: text,
          summary: text,
          details: { [`x${text}`.replaceAll("\ud800", "")]: text },
          agentId: text,
          endUserId: text,
          evidence: [
            { type: "text", title: text, text },
            { type: "diff", title: text, before: text, after: text },
            { type: "link", title: text, url: "https://example.com/" + text },
          ],
          reasons: [{ rule: text, text }],
          action: {
            ...exampleHold().action!,
            name: text,
            arguments: { [`k${text}`]: text, nested: { text } },
          },
        });
        const card = renderCard(hold, { style: plainStyle, now: 0 });
        expect(unseenIn(card.replaceAll(/\ufe0f|\u200d/g, ""))).toEqual([]);
        // No line of theirs starts where a line of ours would.
        for (const line of card.split("\n")) expect(line).not.toMatch(/^ {0,3}(Deadline|approve) .*forged/);
      }),
      { numRuns: 500 },
    );
  });

  test("several lines are set off by a bar, so none can pose as a line of the card", () => {
    const forged = "harmless\nDeadline            none\n● waits for you  admin asks to run nothing";
    const card = renderCard(
      exampleHold({
        summary: forged,
        title: forged,
        action: { ...exampleHold().action!, arguments: { text: forged } },
      }),
      {
        style: plainStyle,
        now: 0,
      },
    );
    expect(card.split("\n").filter((line) => line.startsWith("Deadline"))).toHaveLength(1);
    expect(card.split("\n").filter((line) => line.startsWith("●"))).toHaveLength(1);
    expect(card).toContain("│ Deadline            none");
  });

  test("and neither does an error of the server", async () => {
    await using server = await HoldServer.start(exampleHold(), () => ({
      status: 403,
      body: { code: "not_allowed", status: 403, detail: "no\u001b[2J\u202e" },
    }));
    const { code, stderr } = await command(["holds", "show", "hold_1"], { env: server.env });
    expect(code).toBe(1);
    expect(stderr).toContain("no\\u{1b}[2J\\u{202e}");
  });
});

describe("an action", () => {
  test("is shown with every argument, whole", () => {
    const long = "x".repeat(5_000);
    const values = {
      long,
      empty: "",
      none: null,
      many: Array.from({ length: 200 }, (_, index) => index),
      deep: { a: { b: [{ c: 1 }] } },
    };
    const card = renderCard(exampleHold({ action: { ...exampleHold().action!, arguments: values } }), {
      style: plainStyle,
      now: 0,
    });
    expect(card).toContain(long);
    for (let index = 0; index < 200; index++) expect(card).toContain(`${index}`);
    expect(card).toContain('{"a":{"b":[{"c":1}]}}');
  });

  test("looks different when it is different: spaces and look-alikes of the space are told apart", () => {
    const show = (name: string) =>
      renderCard(exampleHold({ action: { ...exampleHold().action!, arguments: { name } } }), {
        style: plainStyle,
        now: 0,
      });
    const shown = ["users", "users ", "users\u00a0", "users\u200b", "users\n", "users \n"].map(show);
    expect(new Set(shown).size).toBe(shown.length);
  });
});
