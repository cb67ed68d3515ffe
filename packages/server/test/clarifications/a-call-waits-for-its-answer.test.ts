import { setImmediate as nextMacrotask } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { z } from "zod";
import { NotAnsweredError } from "../../src/clarifications/not-answered-error.ts";
import type { DefinedTool } from "../../src/agents/tool.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { createRunFixture, type RunFixture } from "../runs/run-fixture.ts";
import { answer, askingTool as tool, callTools, question } from "./asking-fixture.ts";

describeEachStore("a call that asks", (store) => {
  let fixture: RunFixture;
  afterEach(() => fixture.stop());

  async function begin(tools: DefinedTool[], input: string): Promise<string> {
    fixture = await createRunFixture(store(), { tools, script: callTools });
    await fixture.startWorker();
    return fixture.start(input, { endUserId: "ada" });
  }

  test("waits as rows, starts again with the answer, and counts as no failure and no attempt of the model (R5, R6)", async () => {
    const attempts: number[] = [];
    const id = await begin(
      [
        tool("book", async ({ ask, attempt }) => {
          attempts.push(attempt);
          return {
            seat: await ask.choice("seat", ["aisle", "window"], {
              title: "Which seat?",
              guidance: "Long flight.",
            }),
          };
        }),
      ],
      "book",
    );
    const held = await fixture.holding(id);
    expect(held.toolCalls).toMatchObject([
      { status: "suspended", attempt: 1, result: null, error: null, endedAt: null },
    ]);
    expect(held.messages.map(({ role }) => role)).toEqual(["user", "assistant"]);
    const asked = question(held);
    expect(asked).toMatchObject({
      kind: "clarification",
      title: "Which seat?",
      endUserId: "ada",
      runId: id,
      toolCallId: held.toolCalls[0]?.id,
      tier: "async_review",
      question: { type: "choice", guidance: "Long flight.", multiple: false },
      allowedVerdicts: ["reject", "answer"],
    });
    await answer(fixture, asked, "window");
    const run = await fixture.ended(id);
    expect(run).toMatchObject({ status: "completed", output: 'book: {"seat":"window"}' });
    expect(run.toolCalls).toMatchObject([{ status: "succeeded", attempt: 2, result: { seat: "window" } }]);
    expect(run.steps).toHaveLength(2);
    expect(attempts).toEqual([1, 2]);
    expect(run.messages.map(({ role }) => role)).toEqual(["user", "assistant", "tool", "assistant"]);
    expect(await fixture.eventTypes(id)).toEqual([
      "run.started",
      "run.step",
      "action.auto_proceeded",
      "action.suspended",
      "hold.created",
      "run.holding",
      "hold.decided",
      "run.resumed",
      "action.executing",
      "action.executed",
      "run.step",
      "run.completed",
    ]);
  });

  test("gives every kind of answer back typed", async () => {
    const got: unknown[] = [];
    const id = await begin(
      [
        tool("ask", async ({ ask }) => {
          const schema = z.object({ day: z.string(), guests: z.number().int().default(2) });
          got.splice(0);
          got.push(await ask.input("when", schema));
          got.push(await ask.input("json", { type: "string", minLength: 2 }));
          got.push(
            await ask.choice(
              "many",
              [
                { value: 1, label: "one" },
                { value: 2, label: "two" },
              ],
              { multiple: true },
            ),
          );
          got.push(await ask.value("sum", 120, { schema: z.number().max(500) }));
          got.push(await ask.verify("sure"));
          got.push(await ask.custom("map", { name: "map", data: { zoom: 3 } }));
          got.push(
            await ask.action("pay", { url: "https://pay.example", label: "Pay", requireConfirmation: true }),
          );
          return "asked";
        }),
      ],
      "ask",
    );
    for (const value of [{ day: "mon" }, "yes", [2, 1], 130, false, { lat: 1 }, true])
      await answer(fixture, question(await fixture.holding(id)), value);
    expect(await fixture.ended(id)).toMatchObject({ status: "completed", output: 'ask: "asked"' });
    expect(got).toEqual([{ day: "mon", guests: 2 }, "yes", [2, 1], 130, false, { lat: 1 }, true]);
  });

  test("is asked again when an answer is wrong: it is refused, and the question stays", async () => {
    const id = await begin([tool("book", ({ ask }) => ask.choice("seat", ["aisle", "window"]))], "book");
    const asked = question(await fixture.holding(id));
    await expect(answer(fixture, asked, "wing")).rejects.toThrow("must be one of the options");
    await answer(fixture, asked, "aisle");
    expect(await fixture.ended(id)).toMatchObject({ output: 'book: "aisle"' });
  });

  test("asks once more where its own schema knows more than JSON Schema", async () => {
    const even = z.number().refine((value) => value % 2 === 0, "must be even");
    const id = await begin([tool("book", ({ ask }) => ask.input("guests", even))], "book");
    await answer(fixture, question(await fixture.holding(id)), 3);
    const again = question(await fixture.holding(id));
    expect(again.summary).toContain("must be even");
    await answer(fixture, again, 4);
    expect(await fixture.ended(id)).toMatchObject({ output: "book: 4" });
  });

  test("asks what it asks at once in several holds, and goes on when all are settled", async () => {
    let starts = 0;
    const id = await begin(
      [
        tool("book", async ({ ask }) => {
          starts += 1;
          const [seat, meal] = await Promise.all([
            ask.choice("seat", ["aisle"]),
            ask.choice("meal", ["rice"]),
          ]);
          return `${seat} ${meal}`;
        }),
      ],
      "book",
    );
    const { holds } = await fixture.holding(id, 2);
    await fixture.decide(holds[1]?.id ?? "", { verdict: "answer", answer: "rice" });
    const half = await fixture.holding(id, 1);
    expect(half.toolCalls[0]).toMatchObject({ status: "suspended", attempt: 1 });
    await answer(fixture, question(half), "aisle");
    expect(await fixture.ended(id)).toMatchObject({ output: 'book: "aisle rice"' });
    expect(starts).toBe(2);
  });

  test("that swallows everything swallows no question: no catch, no finally, no race, and its signal fires (R5)", async () => {
    const seen: string[] = [];
    const { promise: aborted, resolve: abort } = Promise.withResolvers<void>();
    const id = await begin(
      [
        tool("book", async ({ ask, signal, attempt }) => {
          signal.addEventListener("abort", () => {
            seen.push(`signal ${attempt}`);
            abort();
          });
          try {
            return await Promise.race([ask.verify("sure"), nextMacrotask("gave up")]);
          } catch {
            seen.push(`catch ${attempt}`);
            return "caught";
          } finally {
            seen.push(`finally ${attempt}`);
          }
        }),
      ],
      "book",
    );
    const held = await fixture.holding(id);
    await aborted;
    expect(held.toolCalls[0]).toMatchObject({ status: "suspended" });
    expect(seen).not.toContain("catch 1");
    await answer(fixture, question(held), true);
    expect(await fixture.ended(id)).toMatchObject({ output: "book: true" });
    expect(seen.filter((what) => what.endsWith("2"))).toEqual(["finally 2"]);
  });

  test("that is declined, expired or withdrawn is told so, not as an error to try again (R6)", async () => {
    const caught: unknown[] = [];
    const ending = tool("end", ({ ask }) => ask.verify("sure", { onTimeout: "reject" }));
    const catching = tool("catch", async ({ ask }) => {
      try {
        return await ask.verify("sure");
      } catch (error) {
        caught.push(error);
        return "without";
      }
    });
    const id = await begin([ending, catching], "end; catch");
    const held = await fixture.holding(id, 2);
    for (const hold of held.holds)
      await fixture.decide(hold.id, { verdict: "reject", comment: "too private" });
    const run = await fixture.ended(id);
    expect(run.toolCalls).toMatchObject([
      {
        status: "failed",
        attempt: 2,
        error: { code: "not_answered", outcome: "declined", comment: "too private" },
      },
      { status: "succeeded", result: "without" },
    ]);
    expect(caught).toEqual([expect.any(NotAnsweredError)]);
    expect(caught[0]).toMatchObject({ key: "sure", outcome: "declined", comment: "too private" });
    expect(run.output).toContain("the user declined to answer its question");
    const told = run.messages.at(-2) as { content: { output: { type: string } }[] };
    expect(told.content.map(({ output }) => output.type)).toEqual(["execution-denied", "text"]);
  });

  test("asks anew when it asks something else under the same key", async () => {
    let price = 5;
    const id = await begin(
      [tool("buy", ({ ask }) => ask.verify("ok", { guidance: `For ${price}?` }))],
      "buy",
    );
    const first = question(await fixture.holding(id));
    price = 6;
    await answer(fixture, first, true);
    const second = question(await fixture.holding(id));
    expect([first, second].map((hold) => hold.question?.["guidance"])).toEqual(["For 5?", "For 6?"]);
    await answer(fixture, second, false);
    expect(await fixture.ended(id)).toMatchObject({ output: "buy: false" });
  });

  test("may ask the same thing several times: each has its own answer, by the order", async () => {
    const id = await begin(
      [
        tool("draw", async ({ ask }) => {
          const drawn: string[] = [];
          for (let turn = 0; turn < 3; turn++) drawn.push(await ask.choice("card", ["a", "b", "c"]));
          return drawn;
        }),
      ],
      "draw",
    );
    for (const card of ["b", "a", "c"]) await answer(fixture, question(await fixture.holding(id)), card);
    expect(await fixture.ended(id)).toMatchObject({ output: 'draw: ["b","a","c"]' });
  });

  test("does once what is done in context.once, also where it asks at the same time", async () => {
    let charged = 0;
    const asked = Promise.withResolvers<void>();
    const id = await begin(
      [
        tool("pay", async ({ ask, once, signal }) => {
          // The work is not done when the attempt ends by its question.
          signal.addEventListener("abort", () => setImmediate(asked.resolve));
          const [receipt, sure] = await Promise.all([
            once("charge", async () => {
              await asked.promise;
              charged += 1;
              return { receipt: charged };
            }),
            ask.verify("sure"),
          ]);
          return { ...receipt, sure, again: await once("charge", () => ({ receipt: 99 })) };
        }),
      ],
      "pay",
    );
    await answer(fixture, question(await fixture.holding(id)), true);
    expect(await fixture.ended(id)).toMatchObject({
      output: 'pay: {"receipt":1,"sure":true,"again":{"receipt":1}}',
    });
    expect(charged).toBe(1);
  });

  test("is refused a question that makes no sense, and the model is told why", async () => {
    const id = await begin(
      [
        tool("none", ({ ask }) => ask.choice("seat", [])),
        tool("http", ({ ask }) => ask.action("go", { url: "http://example.com", label: "Go" })),
        tool("own", ({ ask }) => ask.verify("$own")),
        tool("yes", ({ ask }) => ask.verify("sure", { onTimeout: "approve" as never })),
        tool("inside", ({ ask, once }) => once("it", () => ask.verify("sure"))),
      ],
      "none; http; own; yes; inside",
    );
    const run = await fixture.ended(id);
    expect(run.holds).toEqual([]);
    expect(
      run.toolCalls.map(({ status, error }) => `${status} ${(error as { message: string }).message}`),
    ).toEqual([
      expect.stringMatching(/^failed This cannot be asked: options/),
      expect.stringMatching(/^failed This cannot be asked: url must be an https link/),
      expect.stringMatching(/^failed context.ask needs a name/),
      expect.stringMatching(/^failed The question's option "onTimeout" must be one of/),
      expect.stringMatching(/^failed "sure" cannot be asked inside context.once/),
    ]);
  });
});
