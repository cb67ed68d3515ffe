/*
 * What an app of yours imports:
 *
 *   import { defineAgent, defineConfig, defineTool } from "holdpoint";
 *   export default defineConfig({ agents: [defineAgent({ id: "helper", name: "Helper", … })] });
 */

// Agents and tools in code.
export {
  adoptTool,
  agentTool,
  type AdoptOptions,
  type ForeignTool,
  ask,
  choose,
  ConfigError,
  defineAgent,
  defineConfig,
  defineProvider,
  defineService,
  defineTool,
  NotAnsweredError,
  verifyCalls,
  type AfterToolCall,
  github,
  google,
  microsoft,
  slack,
  type AgentOptions,
  type AgentToolOptions,
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
  type DefinedService,
  type DefinedTool,
  type EstimateFunction,
  type EstimateRequest,
  type HookedCall,
  type ReturnedQuestion,
  type MicrosoftOptions,
  type ProviderOptions,
  type ReadyProviderOptions,
  type Script,
  type ScriptReply,
  type ScriptResult,
  type ScriptTurn,
  type ServiceContext,
  type DefineServiceOptions,
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
export {
  ClarificationError,
  Holdpoint,
  HoldpointApiError,
  HoldpointConnectionError,
  type AskedQuestion,
  type AskOutcome,
  type Clarification,
  type ClarificationHandler,
} from "@holdpoint/client";
export { localGate } from "@holdpoint/client/local";
export { terminalHandler } from "./terminal-handler.ts";
