import { tool as langchainTool } from "@langchain/core/tools";
import { jsonSchema, tool as sdkTool } from "ai";
import { afterEach, expect, test } from "vitest";
import { z } from "zod";
import { adoptTool } from "../../src/agents/adopt-tool.ts";
import { ConfigError } from "../../src/agents/options.ts";
import type { DefinedTool } from "../../src/agents/tool.ts";
import { describeEachStore } from "../../src/testing/stores.ts";
import { createRunFixture, type RunFixture } from "./run-fixture.ts";

const invoices = new Map<number, string>();

const ofAiSdk = sdkTool({
  description: "Pays an invoice.",
  inputSchema: z.object({ invoice: z.number().int(), note: z.string().default("none") }),
  execute: ({ invoice, note }, { toolCallId, abortSignal }) => {
    invoices.set(invoice, toolCallId);
    return { paid: invoice, note, canBeStopped: abortSignal !== undefined };
  },
});
const ofLangChain = langchainTool(({ invoice }: { invoice: number }) => `Invoice ${invoice} is open.`, {
  name: "look_up",
  description: "Looks an invoice up.",
  schema: z.object({ invoice: z.number().int() }),
});
/** As an MCP server's tools come through the AI SDK. */
const byJsonSchema = sdkTool({
  description: "Sends a reminder.",
  inputSchema: jsonSchema<{ to: string }>({
    type: "object",
    properties: { to: { type: "string", minLength: 3 } },
    required: ["to"],
    additionalProperties: false,
  }),
  async *execute({ to }) {
    yield { sending: to };
    yield { sent: to };
  },
});

describeEachStore("tools of other libraries are taken as they are (R269)", (store) => {
  let fixture: RunFixture | undefined;
  afterEach(() => fixture?.stop());

  async function start(
    tools: DefinedTool[],
    call: { name: string; arguments: Record<string, string | number> },
  ): Promise<string> {
    fixture = await createRunFixture(store(), {
      tools,
      script: ({ results }) =>
        results.length === 0
          ? { toolCalls: [call] }
          : { text: results.map(({ result, problem }) => problem ?? JSON.stringify(result)).join() },
    });
    await fixture.startWorker();
    return fixture.start("go");
  }

  test("one of the AI SDK is held, and runs with its own options and defaults once it is approved", async () => {
    const pay = adoptTool(ofAiSdk, {
      name: "pay",
      reversibility: "irreversible",
      requiresConfirmation: true,
    });
    const id = await start([pay], { name: "pay", arguments: { invoice: 7 } });
    const held = await fixture?.holding(id);
    expect(held?.holds[0]?.action?.arguments).toEqual({ invoice: 7, note: "none" });
    expect(invoices.size).toBe(0);
    if (held !== undefined) await fixture?.approve(held);
    const run = await fixture?.ended(id);
    expect(run?.output).toBe('{"paid":7,"note":"none","canBeStopped":true}');
    expect(invoices.get(7)).toBe(run?.toolCalls[0]?.id);
    invoices.clear();
  });

  test("one of LangChain, with its own name and words", async () => {
    const lookUp = adoptTool(ofLangChain, { reversibility: "reversible" });
    expect(lookUp).toMatchObject({ name: "look_up", description: "Looks an invoice up." });
    const id = await start([lookUp], { name: "look_up", arguments: { invoice: 3 } });
    expect((await fixture?.ended(id))?.output).toBe('"Invoice 3 is open."');
  });

  test("one by JSON Schema: arguments are checked by it, and its last word is its result", async () => {
    const remind = adoptTool(byJsonSchema, { name: "remind", reversibility: "reversible" });
    expect(remind.parseArguments({ to: "x" })).toMatchObject({ ok: false, errors: [{ path: "to" }] });
    expect(remind.parseArguments({ to: "bob", extra: 1 }).ok).toBe(false);
    const id = await start([remind], { name: "remind", arguments: { to: "bob" } });
    expect((await fixture?.ended(id))?.output).toBe('{"sent":"bob"}');
  });
});

test("what cannot be taken says what to do", () => {
  expect(() => adoptTool({ description: "d", inputSchema: z.object({}), execute: () => 1 })).toThrow(
    /give one.*name/s,
  );
  expect(() => adoptTool({ name: "x", inputSchema: z.object({}), execute: () => 1 })).toThrow(/description/);
  expect(() => adoptTool({ name: "x", description: "d", schema: { lc: 1 }, invoke: () => 1 })).toThrow(
    /input: z\.object/,
  );
  expect(() => adoptTool({ name: "x", description: "d", inputSchema: z.object({}) })).toThrow(
    /neither execute nor invoke/,
  );
  expect(() =>
    adoptTool({
      name: "x",
      description: "d",
      inputSchema: z.object({ a: z.string().trim() }),
      execute: () => 1,
    }),
  ).toThrow(ConfigError);
});
