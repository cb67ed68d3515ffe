import { afterEach, expect, test } from "vitest";
import { z } from "zod";
import type { AgentOptions } from "../../src/agents/agent.ts";
import { ask, choose } from "../../src/clarifications/returned-question.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { createRunFixture, type RunFixture } from "../runs/run-fixture.ts";
import { answer, askingTool as tool, callTools, question } from "./asking-fixture.ts";

describeEachStore("a question instead of a result", (store) => {
  let fixture: RunFixture;
  afterEach(() => fixture.stop());

  async function begin(options: Partial<AgentOptions>, input: string): Promise<string> {
    fixture = await createRunFixture(store(), { script: callTools, ...options });
    await fixture.startWorker();
    return fixture.start(input, { endUserId: "ada" });
  }

  test("is looked for before the result is checked, and comes back as context.answer (R2, R4)", async () => {
    const answers: unknown[] = [];
    const find = tool(
      "find",
      ({ answer: given }) => {
        answers.push(given);
        return given === undefined ? choose("Which account?", ["main", "savings"]) : { account: given };
      },
      { output: z.object({ account: z.string() }) },
    );
    const id = await begin({ tools: [find] }, "find");
    const asked = question(await fixture.holding(id));
    expect(asked).toMatchObject({ title: "Which account?", question: { type: "choice" } });
    await answer(fixture, asked, "savings");
    expect(await fixture.ended(id)).toMatchObject({ output: 'find: {"account":"savings"}' });
    expect(answers).toEqual([undefined, "savings"]);
  });

  test("returned again, its answer is the result; a no is told as a no", async () => {
    const id = await begin(
      {
        tools: [
          tool("sure", () => ask.verify("Are you sure?")),
          tool("day", () => ask.input("When?", { type: "string" }, { guidance: "A weekday." })),
        ],
      },
      "sure then day",
    );
    await answer(fixture, question(await fixture.holding(id)), true);
    const second = question(await fixture.holding(id));
    expect(second.question).toMatchObject({ guidance: "A weekday." });
    await fixture.decide(second.id, { verdict: "reject" });
    const run = await fixture.ended(id);
    expect(run.toolCalls.map(({ status, result }) => [status, result])).toEqual([
      ["succeeded", true],
      ["failed", null],
    ]);
    expect(run.output).toMatch(/^sure: true\n.*declined to answer its question/);
  });

  test("another one after the first: each answer in turn", async () => {
    const id = await begin(
      {
        tools: [
          tool("order", ({ answer: given }) => {
            if (given === undefined) return choose("Size?", ["s", "l"]);
            return given === "l" ? ask.verify("Large costs more. Go on?") : { ordered: given };
          }),
        ],
      },
      "order",
    );
    await answer(fixture, question(await fixture.holding(id)), "l");
    await answer(fixture, question(await fixture.holding(id)), true);
    expect(await fixture.ended(id)).toMatchObject({ output: 'order: {"ordered":true}' });
  });

  test("a list of too many becomes a choice; the tool is not run again (R9, R10)", async () => {
    let lookups = 0;
    const find = tool(
      "find",
      () => {
        lookups += 1;
        return [
          { id: 1, name: "Ada L." },
          { id: 2, name: "Ada B." },
        ];
      },
      { chooseFrom: { above: 1, label: "name", value: "id", title: "Which Ada?" } },
    );
    const id = await begin({ tools: [find] }, "find");
    const asked = question(await fixture.holding(id));
    expect(asked).toMatchObject({
      title: "Which Ada?",
      question: {
        options: [
          { value: 1, label: "Ada L." },
          { value: 2, label: "Ada B." },
        ],
      },
    });
    await answer(fixture, asked, 2);
    expect(await fixture.ended(id)).toMatchObject({ output: 'find: [{"id":2,"name":"Ada B."}]' });
    expect(lookups).toBe(1);
  });

  test("a list that is short enough is the result as it is", async () => {
    const find = tool("find", () => [{ id: 1 }], {
      chooseFrom: { above: 1, label: (item: { id: number }) => `No. ${item.id}`, value: "id" },
    });
    const id = await begin({ tools: [find] }, "find");
    expect(await fixture.ended(id)).toMatchObject({ output: 'find: [{"id":1}]', holds: [] });
  });

  test("the model may ask by itself where its agent may (R1)", async () => {
    const asks = 'ask_user {"question":"Which city?","type":"choice","options":["Bern","Rome"]}';
    const id = await begin({ mayAskUser: true }, asks);
    const asked = question(await fixture.holding(id));
    // The model's words are shown as guidance, under a title of ours (I13).
    expect(asked).toMatchObject({
      title: "A question from tester",
      question: { type: "choice", guidance: "Which city?" },
    });
    await answer(fixture, asked, "Rome");
    expect(await fixture.ended(id)).toMatchObject({ output: 'ask_user: "Rome"' });
  });

  test("and may not where it may not", async () => {
    const id = await begin({}, 'ask_user {"question":"Which city?"}');
    expect((await fixture.ended(id)).output).toContain("there is no such tool");
  });
});
