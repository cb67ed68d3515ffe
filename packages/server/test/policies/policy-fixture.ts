import type { PolicyInput } from "@holdpoint/protocol";
import type { Script } from "../../src/agents/models/scripted-model.ts";
import { z } from "zod";
import { defineAgent } from "../../src/agents/agent.ts";
import { defineConfig, type ConfigOptions, type DefinedConfig } from "../../src/agents/config.ts";
import { defineTool, type DefinedTool, type ToolOptions } from "../../src/agents/tool.ts";
import type { CallAnswer, TestService } from "../../src/testing/test-service.ts";

export function testTool(options: Partial<ToolOptions> & { name: string }): DefinedTool {
  return defineTool({
    description: "Test.",
    input: z.object({ n: z.number().default(1), to: z.string().default("") }),
    execute: () => ({ done: true }),
    ...options,
  });
}

/** A config with one agent, `tester`. */
export function testConfig(
  tools: readonly DefinedTool[],
  options: Partial<ConfigOptions> & { policy?: PolicyInput; script?: Script } = {},
): DefinedConfig {
  const { script = () => ({ text: "Done." }), ...more } = options;
  return defineConfig({
    agents: [
      defineAgent({
        id: "tester",
        name: "Tester",
        model: "openai/gpt-5.2",
        tools,
        script,
      }),
    ],
    ...more,
  });
}

export async function propose(
  service: TestService,
  name: string,
  options: {
    body?: object;
    action?: object;
    arguments?: object;
    key?: string;
    headers?: Record<string, string>;
  } = {},
): Promise<CallAnswer> {
  return service.call("POST", "/v1/holds", {
    key: options.key ?? service.agentKey,
    body: { action: { name, arguments: options.arguments ?? {}, ...options.action }, ...options.body },
    ...(options.headers !== undefined && { headers: options.headers }),
  });
}

/** Puts a policy in force, or beside; fails the test when it is refused. */
export async function put(service: TestService, document: PolicyInput, more: object = {}): Promise<number> {
  const { status, body } = await service.call("PUT", "/v1/policies", { body: { document, ...more } });
  if (status !== 200) throw new Error(JSON.stringify(body));
  return body.version as number;
}

export interface LoggedEvent {
  type: string;
  actor: { kind: string; name: string | null };
  // oxlint-disable-next-line typescript/no-explicit-any -- a test names the members it expects
  data: any;
}

/** Events of a type, newest first. */
export async function eventsOf(service: TestService, type: string, query = ""): Promise<LoggedEvent[]> {
  const { body } = await service.call("GET", `/v1/audit/entries?limit=200${query}`);
  return (body.data as { event: LoggedEvent }[])
    .map(({ event }) => event)
    .filter((event) => event.type === type);
}
