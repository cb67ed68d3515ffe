import { defineAgent, defineConfig, defineTool } from "@holdpoint/server";
import { afterEach, expect, test } from "vitest";
import { z } from "zod";
import {
  approve,
  change,
  neverAnswer,
  rejectAbove,
  startHoldpoint,
  type TestHoldpoint,
} from "../src/index.ts";

const paid: unknown[] = [];
const config = defineConfig({
  agents: [
    defineAgent({
      id: "shop_helper",
      name: "Shop Helper",
      model: "openai/gpt-5.2",
      instructions: "Refund what you are asked to refund.",
      tools: [
        defineTool({
          name: "refund",
          description: "Pays money back.",
          input: z.object({ order: z.int(), amount: z.number() }),
          reversibility: "irreversible",
          requiresConfirmation: true,
          timeoutSeconds: 300,
          execute(input) {
            paid.push(input);
            return { paid: true };
          },
        }),
      ],
      script({ text, results }) {
        const numbers = Array.from(text.matchAll(/\d+/g), ([digits]) => Number(digits));
        const [order = 0, amount = 0] = numbers.slice(results.length * 2);
        if (results.length * 2 >= numbers.length) return { text: results.map(said).join(" ") };
        return { toolCalls: [{ name: "refund", arguments: { order, amount } }] };
      },
    }),
  ],
});

function said({ problem }: { problem?: string | undefined }): string {
  return problem ?? "paid";
}

let holdpoint: TestHoldpoint;
afterEach(async () => {
  await holdpoint.stop();
  paid.length = 0;
});

async function refund(input: string) {
  const { id } = await holdpoint.client.runs.start("shop_helper", { input });
  return () => holdpoint.client.runs.get(id);
}

test("approve after two minutes: not before, once, with what was asked", async () => {
  holdpoint = await startHoldpoint({ config, humans: [approve({ after: { minutes: 2 } })] });
  const run = await refund("order 17, 40 euros; order 18, 5 euros");
  await holdpoint.clock.advance({ minutes: 1, seconds: 50 });
  expect(await run()).toMatchObject({ status: "holding" });
  await holdpoint.expectExecuted("refund", { times: 0 });

  await holdpoint.clock.advance({ seconds: 20 });
  await holdpoint.expectExecuted("refund", { times: 1, with: { order: 17, amount: 40 } });
  // The second hold was made when the first was decided: its two minutes begin there, within one step of the clock too.
  expect(await run()).toMatchObject({ status: "holding" });
  await holdpoint.clock.advance({ minutes: 2 });
  expect(await run()).toMatchObject({ status: "completed", output: "paid paid" });
  expect(paid).toEqual([
    { order: 17, amount: 40 },
    { order: 18, amount: 5 },
  ]);
  expect(await holdpoint.executions()).toMatchObject([
    { tool: "refund", outcome: "succeeded", arguments: { order: 17 } },
    { tool: "refund", outcome: "succeeded", arguments: { order: 18 } },
  ]);
});

test("time that passes in one step passes in order: approved, asked again, expired", async () => {
  holdpoint = await startHoldpoint({
    config,
    humans: [
      ({ action }) =>
        action?.arguments["order"] === 17
          ? { decision: { verdict: "approve" }, after: { minutes: 4 } }
          : "nothing",
    ],
  });
  const run = await refund("order 17, 40 euros; order 18, 5 euros");
  await holdpoint.clock.advance({ hours: 1 });
  const { status, holds } = await run();
  expect(status).toBe("completed");
  expect(holds.map((hold) => hold.status)).toEqual(["approved", "expired"]);
  const [first, second] = holds;
  const between = Date.parse(second?.createdAt ?? "") - Date.parse(first?.createdAt ?? "");
  expect(between / 1000).toBeGreaterThanOrEqual(240);
  expect(between / 1000).toBeLessThan(270);
  await holdpoint.expectExecuted("refund", { times: 1, with: { order: 17 } });
});

test("reject above 100, change the rest to 10; exactly 100 is not above", async () => {
  holdpoint = await startHoldpoint({
    config,
    humans: [rejectAbove(100, { of: "amount", comment: "Too much." }), change({ amount: 10 })],
  });
  const run = await refund("order 1, 101 euros; order 2, 100 euros");
  await holdpoint.settled();
  const { output, holds } = await run();
  expect(holds.map(({ status }) => status)).toEqual(["rejected", "modified"]);
  expect(output).toContain("was rejected by reviewer. Reason: Too much.");
  await holdpoint.expectExecuted("refund", { times: 1, with: { amount: 10 } });
  expect(paid).toEqual([{ order: 2, amount: 10 }]);
  // Executed with other arguments than those that are named is not executed as expected.
  await expect(holdpoint.expectExecuted("refund", { with: { amount: 100 } })).rejects.toThrow(
    'refund was to be executed at least once with {"amount":100}, and was executed once: {"order":2,"amount":10}.',
  );
  await expect(holdpoint.expectExecuted("refund", { times: 2 })).rejects.toThrow("executed 2 times");
});

test("never answered: the deadline passes, nothing is executed", async () => {
  holdpoint = await startHoldpoint({ config, humans: [neverAnswer()] });
  const run = await refund("order 17, 40 euros");
  await holdpoint.clock.advance({ seconds: 290 });
  expect(await run()).toMatchObject({ status: "holding" });
  await holdpoint.clock.advance({ seconds: 20 });
  expect(await run()).toMatchObject({ status: "completed", holds: [{ status: "expired" }] });
  await holdpoint.expectExecuted("refund", { times: 0 });
});

test("a person who may not decide is told to the test, not swallowed", async () => {
  holdpoint = await startHoldpoint({ config });
  await holdpoint.addPerson({ role: "viewer", name: "Vic", humans: [approve()] });
  const rita = await holdpoint.addPerson({ role: "reviewer", name: "Rita" });
  const run = await refund("order 17, 40 euros");
  await expect(holdpoint.settled()).rejects.toThrow(/Vic could not approve hold_\w+: /);
  const { holds } = await run();
  await rita.holds.decide(holds[0]?.id ?? "", { verdict: "approve", actionHash: holds[0]?.action?.hash });
  await holdpoint.expectExecuted("refund", { times: 1 });
});

test("a tool that nobody ever named is no tool that was never executed", async () => {
  holdpoint = await startHoldpoint({ config });
  await holdpoint.expectExecuted("refund", { times: 0 });
  await expect(holdpoint.expectExecuted("refnud", { times: 0 })).rejects.toThrow(
    'No agent, gate or hold of this server has named refnud. Did you mean "refund"?',
  );
  await expect(holdpoint.expectExecuted("launch", { times: 0 })).rejects.toThrow(
    "No agent, gate or hold of this server has named launch. They have named refund.",
  );
  await holdpoint.agentClient.holds.create({ action: { name: "launch", arguments: {} } });
  await holdpoint.agentClient.holds.create({ action: { name: "lunch", arguments: {} } });
  await holdpoint.expectExecuted("launch", { times: 0 });
  await expect(holdpoint.expectExecuted("launhc", { times: 0 })).rejects.toThrow(
    'Did you mean "launch" or "lunch"?',
  );
});

test("an agent elsewhere asks, claims and reports: its execution counts too", async () => {
  holdpoint = await startHoldpoint({ config, humans: [approve()] });
  const asked = await holdpoint.agentClient.holds.create({
    action: { name: "launch", arguments: { site: "north" } },
  });
  if (!("status" in asked)) throw new Error("it proceeded by itself");
  const decided = await holdpoint.agentClient.holds.wait(asked.id);
  expect(decided.status).toBe("approved");
  await holdpoint.agentClient.holds.claim(asked.id);
  await holdpoint.agentClient.holds.reportExecution(asked.id, { status: "succeeded" });
  await holdpoint.expectExecuted("launch", { times: 1, with: { site: "north" } });
});
