import { expect, test } from "vitest";
import { z } from "zod";
import { defineAgent, type AgentOptions } from "./agent.ts";
import { defineConfig, parseConfig, type ConfigOptions } from "./config.ts";
import { Models } from "./models/models.ts";
import { Registry, renderAgent } from "./registry.ts";
import { defineTool } from "./tool.ts";

const look = { name: "look", description: "Looks.", input: z.object({}), execute: () => null };
const tool = (description: string, name = "look"): ReturnType<typeof defineTool> =>
  defineTool({ ...look, name, description });
const agent = (options: Partial<AgentOptions> = {}): ReturnType<typeof defineAgent> =>
  defineAgent({ id: "a", name: "A", model: "openai/gpt-5.2", ...options });

test("an agent has its defaults", () => {
  expect(agent()).toMatchObject({ maxSteps: 10, markdown: false, tools: [], instructions: "" });
});

test.each([
  [() => agent({ id: "hitl" }), 'Agent "hitl": the id "hitl" is reserved.'],
  [() => agent({ id: "Über" }), 'option "id" must be lower-case letters'],
  [() => agent({ model: "gpt-5.2" }), 'option "model" must be like "openai/gpt-5.2", not "gpt-5.2"'],
  [() => agent({ tools: [tool("1"), tool("2")] }), 'it has two tools named "look"'],
  [
    () => agent({ tools: [{} as ReturnType<typeof defineTool>] }),
    'option "tools" [0] is not made by defineTool',
  ],
  [() => agent({ maxStep: 3 } as object), 'unknown option "maxStep". Did you mean "maxSteps"?'],
  [() => defineConfig({ agents: [agent(), agent()] }), 'two agents have the id "a"'],
  [
    () => defineConfig({ agents: [], limits: { modelCallsPerMinut: 1 } as object }),
    'The config, limits: unknown option "modelCallsPerMinut"',
  ],
  [
    () => new Registry({ agents: [agent({ tools: [tool("1")] }), agent({ id: "b", tools: [tool("2")] })] }),
    'Two different tools are named "look"',
  ],
])("what is wrong is said: %#", (define, message) => {
  expect(define).toThrow(message);
});

test("a config file is named in what is wrong with it", () => {
  expect(() => parseConfig(undefined, "/app/holdpoint.config.ts")).toThrow(
    "/app/holdpoint.config.ts has no default export",
  );
  expect(() => parseConfig({ agent: [] }, "/app/holdpoint.config.ts")).toThrow(
    '/app/holdpoint.config.ts: The config: unknown option "agent". Did you mean "agents"?',
  );
  const config = defineConfig({ agents: [] } satisfies ConfigOptions);
  expect(parseConfig(config, "x")).toBe(config);
});

const script = (): { text: string } => ({ text: "" });

test.each([
  [{}, "script/a", true],
  [{ OPENAI_API_KEY: "k" }, "openai/gpt-5.2", false],
  [{ ANTHROPIC_API_KEY: "k" }, "anthropic/claude-sonnet-4-5", false],
  [{ ANTHROPIC_API_KEY: "k", HOLDPOINT_MODEL: "anthropic/claude-x" }, "anthropic/claude-x", false],
  [{ HOLDPOINT_MODEL_URL: "http://localhost:11434/v1" }, "localhost:11434/gpt-5.2", false],
  [
    { HOLDPOINT_MODEL_URL: "http://localhost:11434/v1", HOLDPOINT_MODEL: "org/llama" },
    "localhost:11434/org/llama",
    false,
  ],
])("with %j the model is %s", (environment, label, isScripted) => {
  expect(new Models(environment).describe(agent({ script }))).toEqual({ label, isScripted });
});

test("without a key and a script the agent says what it needs", () => {
  const models = new Models({});
  expect(models.findProblem(agent())).toBe(
    'Agent "a" has no model: openai/gpt-5.2 needs OPENAI_API_KEY (or HOLDPOINT_MODEL_URL) in the environment.',
  );
  expect(() => new Models({ HOLDPOINT_MODEL_URL: "localhost" })).toThrow("must be an http or https address");
  expect(renderAgent(agent({ tools: [tool("Looks.")] }), models)).toMatchObject({
    source: "config",
    tools: [{ name: "look", reversibility: "irreversible", requiresConfirmation: true }],
  });
  const reversible = defineTool({ ...look, reversibility: "reversible" });
  const { tools } = renderAgent(agent({ tools: [reversible] }), models);
  expect(tools).toMatchObject([{ reversibility: "reversible", requiresConfirmation: false }]);
});
