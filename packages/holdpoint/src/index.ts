/*
 * What an app of yours imports:
 *
 *   import { defineAgent, defineConfig, defineTool } from "holdpoint";
 *   export default defineConfig({ agents: [defineAgent({ id: "helper", name: "Helper", … })] });
 */

// Agents and tools in code.
export {
  ask,
  choose,
  ConfigError,
  defineAgent,
  defineConfig,
  defineProvider,
  defineTool,
  github,
  google,
  microsoft,
  slack,
  NotAnsweredError,
  verifyCalls,
  type AfterToolCall,
  type AgentOptions,
  type AskOptions,
  type BeforeToolCall,
  type CallContext,
  type ChooseFromOptions,
  type ConfidenceOptions,
  type Connect,
  type ConnectionNeedOption,
  type ConnectionOptions,
  type ConfigOptions,
  type Configured,
  type DefinedAgent,
  type DefinedConfig,
  type DefinedProvider,
  type DefinedTool,
  type EstimateFunction,
  type EstimateRequest,
  type MicrosoftOptions,
  type ProviderOptions,
  type ReadyProviderOptions,
  type HookedCall,
  type ReturnedQuestion,
  type Script,
  type ScriptReply,
  type ScriptResult,
  type ScriptTurn,
  type SetupContext,
  type ToolAsks,
  type ToolConnection,
  type ToolContext,
  type ToolDatabase,
  type ToolOptions,
} from "@holdpoint/server";

// The policy, as data.
export type { Policy, PolicyFinding, PolicyInput } from "@holdpoint/protocol";

// The service, in an app of your own.
export { createHoldpoint, type HoldpointService, type HoldpointServiceOptions } from "./mount.ts";

// The client.
export { Holdpoint, HoldpointApiError, HoldpointConnectionError } from "@holdpoint/client";
