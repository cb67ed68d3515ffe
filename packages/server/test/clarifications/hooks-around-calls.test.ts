import { afterEach, expect, test } from "vitest";
import { z } from "zod";
import type { AgentOptions } from "../../src/agents/agent.ts";
import { defineTool } from "../../src/agents/tool.ts";
import {
  defineHooks,
  type BeforeToolCall,
  type ToolHookOptions,
} from "../../src/clarifications/tool-hooks.ts";
import { verifyCalls } from "../../src/clarifications/verify-calls.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { createRunFixture, type RunFixture } from "../runs/run-fixture.ts";
import { answer, callTools, question } from "./asking-fixture.ts";

describeEachStore("hooks around calls", (store) => {
  let fixture: RunFixture;
  let sent: string[];
  afterEach(() => fixture.stop());

  const send = defineTool({
    name: "send",
    description: "Sends.",
    input: z.object({ to: z.string() }),
    reversibility: "reversible",
    execute: ({ to }) => {
      sent.push(to);
      return { sent: to };
    },
  });

  async function begin(
    options: Partial<AgentOptions>,
    input: string,
    ofConfig: ToolHookOptions = {},
  ): Promise<string> {
    sent = [];
    fixture = await createRunFixture(store(), { tools: [send], script: callTools, ...options });
    await fixture.startWorker({ config: { modelCallsPerMinute: undefined, hooks: defineHooks(ofConfig) } });
    return fixture.start(input, { endUserId: "ada" });
  }

  test("verifyCalls asks before the call, with its stored arguments; a yes lets it go on", async () => {
    const id = await begin({ beforeToolCall: verifyCalls(["send"]) }, 'send {"to":"bob"}');
    const asked = question(await fixture.holding(id));
    expect(asked).toMatchObject({ title: "Send: to bob", question: { type: "verification" } });
    expect(asked.question?.["guidance"]).toContain('"to": "bob"');
    expect(sent).toEqual([]);
    await answer(fixture, asked, true);
    expect(await fixture.ended(id)).toMatchObject({ output: 'send: {"sent":"bob"}' });
    expect(sent).toEqual(["bob"]);
  });

  test("a no executes nothing, and is told as a no", async () => {
    const id = await begin({ beforeToolCall: verifyCalls(["send"]) }, 'send {"to":"bob"}');
    await answer(fixture, question(await fixture.holding(id)), false);
    const run = await fixture.ended(id);
    expect(sent).toEqual([]);
    expect(run.toolCalls).toMatchObject([{ status: "failed", error: { code: "not_verified" } }]);
    expect(run.output).toContain("was not executed because the user did not confirm it");
  });

  test("one after the call asks without running the tool again (I2)", async () => {
    const id = await begin(
      {
        async afterToolCall({ result }, { ask }) {
          if (!(await ask.verify("keep", { guidance: JSON.stringify(result) })))
            throw new Error("It is secret.");
        },
      },
      'send {"to":"bob"} then send {"to":"eve"}',
    );
    await answer(fixture, question(await fixture.holding(id)), true);
    await answer(fixture, question(await fixture.holding(id)), false);
    const run = await fixture.ended(id);
    expect(sent).toEqual(["bob", "eve"]);
    expect(run.output).toBe(
      'send: {"sent":"bob"}\n\'send\' was executed, but its result is withheld: It is secret.',
    );
  });

  test("those of the config are around those of the agent, each with keys of its own", async () => {
    const order: string[] = [];
    const asking =
      (name: string): BeforeToolCall =>
      async (_call, { ask, attempt }) => {
        order.push(`${name} ${attempt}`);
        await ask.verify("same key", { guidance: "The same question." });
      };
    const id = await begin(
      { beforeToolCall: asking("agent"), afterToolCall: () => void order.push("after agent") },
      'send {"to":"bob"}',
      { beforeToolCall: [asking("config")], afterToolCall: () => void order.push("after config") },
    );
    await answer(fixture, question(await fixture.holding(id)), true);
    await answer(fixture, question(await fixture.holding(id)), true);
    await fixture.ended(id);
    expect(order).toEqual([
      ...["config 1", "config 2", "agent 2", "config 3", "agent 3"],
      ...["after agent", "after config"],
    ]);
  });

  test("one that fails stops the call before it starts", async () => {
    const id = await begin(
      {
        beforeToolCall() {
          throw new Error("Not on Sundays.");
        },
      },
      'send {"to":"bob"}',
    );
    const run = await fixture.ended(id);
    expect(sent).toEqual([]);
    expect(run.output).toBe("'send' was not executed: Not on Sundays.");
  });

  test("the call that they see is a copy: nothing that they do to it is executed (I1)", async () => {
    const id = await begin(
      { beforeToolCall: ({ arguments: args }) => void (args["to"] = "eve") },
      'send {"to":"bob"}',
    );
    await fixture.ended(id);
    expect(sent).toEqual(["bob"]);
  });
});
