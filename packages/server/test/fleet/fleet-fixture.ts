import { expect } from "vitest";
import { z } from "zod";
import { defineAgent } from "../../src/agents/agent.ts";
import { defineConfig, type DefinedConfig } from "../../src/agents/config.ts";
import { defineTool } from "../../src/agents/tool.ts";
import type { CallAnswer, TestService } from "../../src/testing/test-service.ts";
import { obey } from "../runs/test-tools.ts";

/** Two agents with the same tools: `count` runs by itself, `delete` needs a person, `tag` too unless a grant lets it, `work` waits for `gate`. */
export function fleetConfig(
  done: string[],
  gate: () => Promise<void> = () => Promise.resolve(),
): DefinedConfig {
  const tools = [
    defineTool({
      name: "count",
      description: "Counts.",
      input: z.object({ table: z.string() }),
      reversibility: "reversible",
      execute({ table }) {
        done.push(`count ${table}`);
        return { count: 300 };
      },
    }),
    defineTool({
      name: "delete",
      description: "Deletes.",
      input: z.object({ table: z.string(), count: z.number().int(), reason: z.string().default("none") }),
      reversibility: "irreversible",
      requiresConfirmation: true,
      execute({ count }) {
        done.push(`delete ${count}`);
        return { deleted: count };
      },
    }),
    defineTool({
      name: "work",
      description: "Works for long.",
      input: z.object({}),
      reversibility: "reversible",
      async execute() {
        await gate();
        done.push("work");
        return "worked";
      },
    }),
  ];
  tools.push(
    defineTool({
      name: "tag",
      description: "Tags.",
      input: z.object({}),
      reversibility: "reversible",
      requiresConfirmation: true,
      execute() {
        done.push("tag");
        return "tagged";
      },
    }),
  );
  const agent = (id: string) => defineAgent({ id, name: id, model: "openai/none", tools, script: obey });
  return defineConfig({ agents: [agent("tester"), agent("other")] });
}

// oxlint-disable-next-line typescript/no-explicit-any -- a test names the members it expects
type Body = any;

/** What the tests ask of a service, by its public door. */
export function fleetCalls(service: () => TestService) {
  const post = (
    path: string,
    body: object = {},
    key?: string,
    headers?: Record<string, string>,
  ): Promise<CallAnswer> =>
    service().call("POST", path, {
      body,
      ...(key !== undefined && { key }),
      ...(headers !== undefined && { headers }),
    });
  const get = async (path: string): Promise<Body> => (await service().call("GET", path)).body;
  const until = async (runId: string, isSo: (run: Body) => boolean): Promise<Body> => {
    let run: Body;
    await expect
      .poll(
        async () => {
          run = await get(`/v1/runs/${runId}`);
          return isSo(run) ? "it is so" : run;
        },
        { timeout: 10_000 },
      )
      .toBe("it is so");
    return run;
  };
  return {
    post,
    get,
    until,
    /** Posts, and fails the test where that is refused. */
    ok: async (path: string, body: object = {}): Promise<Body> => {
      const answer = await post(path, body);
      expect([answer.status, answer.body.detail]).toEqual([expect.closeTo(200, -1), undefined]);
      return answer.body;
    },
    start: async (input: string, more: object = {}, agent = "tester"): Promise<string> =>
      (await post(`/v1/agents/${agent}/runs`, { input, ...more })).body.id,
    holding: (runId: string) =>
      until(
        runId,
        ({ status, holds }) => status === "holding" && holds.some((hold: Body) => hold.status === "pending"),
      ),
    ended: (runId: string) => until(runId, ({ endedAt }) => endedAt !== null),
    paused: (runId: string) => until(runId, ({ status }) => status === "paused"),
    approve: (hold: Body): Promise<CallAnswer> =>
      post(`/v1/holds/${hold.id}/decisions`, { verdict: "approve", actionHash: hold.action.hash }),
    events: async (type: string): Promise<Body[]> => {
      const { data } = await get("/v1/audit/entries?limit=200");
      return data.map(({ event }: Body) => event).filter((event: Body) => event.type === type);
    },
  };
}
