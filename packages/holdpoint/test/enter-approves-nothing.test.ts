import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FakeWorld } from "./fake-world.ts";
import { HASH } from "./example-hold.ts";
import { HoldServer } from "./hold-server.ts";

const QUESTION = /Type (approve|modify)[^\n]*: $/;

/** Types the lines one after the other, each when the question stands again, then Ctrl-C. */
async function answer(server: HoldServer, argv: readonly string[], lines: string[]): Promise<number> {
  let asked = 0;
  const world = new FakeWorld({
    env: server.env,
    isTerminal: true,
    onTalk(stderr, typing) {
      const questions = stderr.match(/Type (approve|modify)[^:]*: /g)?.length ?? 0;
      for (; asked < questions; asked++) typing.type(asked < lines.length ? `${lines[asked]}\r` : "\u0003");
    },
  });
  const { code } = await world.run(...argv);
  return code;
}

// Everything but the words themselves; the shortest way to a wrong yes is Enter.
const noise = fc.oneof(
  fc.constant(""),
  fc.constantFrom(
    " ",
    "y",
    "ye",
    "ok",
    "a",
    "A",
    "app",
    "approved",
    "approve it",
    "yes please",
    "1",
    "no way",
  ),
  fc
    .string({ unit: "grapheme-ascii", maxLength: 8 })
    .filter((text) => !/^\s*(approve|modify|yes|no|n)\s*$/i.test(text)),
);

describe("a decision in the terminal", () => {
  test("Enter, and anything that is not the word, approves nothing and asks again", async () => {
    await using server = await HoldServer.start();
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(["holds", "approve", "hold_1"], ["holds", "modify", "hold_1", "--set", "count=10"]),
        fc.array(noise, { maxLength: 6 }),
        async (argv, lines) => {
          expect(await answer(server, argv, lines)).toBe(130);
          expect(server.decisions).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("the word approves, bound to the hash of what was shown", async () => {
    await using server = await HoldServer.start();
    expect(await answer(server, ["holds", "approve", "hold_1"], ["", "", "approve"])).toBe(0);
    expect(server.decisions).toEqual([{ verdict: "approve", actionHash: HASH }]);
  });

  test("no decides nothing", async () => {
    await using server = await HoldServer.start();
    expect(await answer(server, ["holds", "approve", "hold_1"], ["", "no"])).toBe(1);
    expect(server.decisions).toEqual([]);
  });

  test("what was typed before the question is thrown away", async () => {
    await using server = await HoldServer.start();
    const world = new FakeWorld({
      env: server.env,
      isTerminal: true,
      onTalk(stderr, typing) {
        if (QUESTION.test(stderr)) setImmediate(() => typing.type("\u0003"));
      },
    });
    world.type("approve\ryes\r");
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    const { code } = await world.run("holds", "approve", "hold_1");
    expect({ code, decisions: server.decisions }).toEqual({ code: 130, decisions: [] });
  });

  test("without a terminal it is asked for --yes or --hash", async () => {
    await using server = await HoldServer.start();
    const { code, stderr } = await new FakeWorld({ env: server.env }).run("holds", "approve", "hold_1");
    expect(code).toBe(2);
    expect(stderr).toMatch(/--yes, or --hash/);
    expect(server.decisions).toEqual([]);
  });
});
