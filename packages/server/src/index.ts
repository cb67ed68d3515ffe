/*
 * The Holdpoint service, to be put together by a program of its own:
 *
 *   const database = await openDatabase({ dataDir: ".holdpoint", logger });
 *   const service = await createService({ config, database, secret, publicUrl, environment: process.env, logger, version });
 *   await service.start();
 *   const { port } = await listen({ fetch: service.app.fetch, host: "127.0.0.1", port: 7777 });
 */

// Agents and tools in code.
export { defineAgent, type AgentOptions, type DefinedAgent } from "./agents/agent.ts";
export {
  defineConfig,
  parseConfig,
  type ConfigOptions,
  type DefinedConfig,
  type SetupContext,
} from "./agents/config.ts";
export {
  defineProvider,
  type Configured,
  type DefinedProvider,
  type ProviderOptions,
} from "./connections/provider.ts";
export {
  github,
  google,
  microsoft,
  slack,
  type MicrosoftOptions,
  type ReadyProviderOptions,
} from "./connections/ready-providers.ts";
export type { ConnectionNeedOption } from "./connections/connection-needs.ts";
export type { Connect, ConnectionOptions, ToolConnection } from "./connections/tool-connection.ts";
export {
  defineService,
  type DefinedService,
  type ServiceContext,
  type DefineServiceOptions,
} from "./transactions/service.ts";
export { adoptTool, type AdoptOptions, type ForeignTool } from "./agents/adopt-tool.ts";
export { agentTool, type AgentToolOptions } from "./agents/agent-tool.ts";
export { defineTool, type DefinedTool, type ToolOptions } from "./agents/tool.ts";
export type { CallContext, ToolContext, ToolDatabase, ToolEndUser } from "./agents/tool-context.ts";
export type { Script, ScriptReply, ScriptResult, ScriptTurn } from "./agents/models/scripted-model.ts";
export type { ConfidenceOptions, EstimateFunction, EstimateRequest } from "./confidence/options.ts";
export { ConfigError } from "./agents/options.ts";
export { PolicyError } from "./agents/policy-error.ts";

// Questions to people, in the middle of a call.
export { ask, choose, type ReturnedQuestion } from "./clarifications/returned-question.ts";
export { NotAnsweredError } from "./clarifications/not-answered-error.ts";
export type { ChooseFromOptions } from "./clarifications/choose-from.ts";
export type { AskOptions, ToolAsks } from "./clarifications/tool-asks.ts";
export type { AfterToolCall, BeforeToolCall, HookedCall } from "./clarifications/tool-hooks.ts";
export { verifyCalls } from "./clarifications/verify-calls.ts";

// The policy, looked at without a service.
export { checkDocument, hasErrors, renderFinding, type PolicyCatalogue } from "./policies/check-document.ts";
export { toolsOfPolicy } from "./policies/tools-of-policy.ts";

// The service.
export { createService, type Service, type ServiceOptions } from "./service.ts";
export type { UpgradeListener } from "./http/socket-door.ts";
export type { StreamLimits } from "./events/stream-quota.ts";
export type { NodeBindings } from "./http/route.ts";
export { listen, type Listening, type ListenOptions } from "./http/listen.ts";
export { loadSecret, Secret } from "./identity/secret.ts";
export type { FirstAdmin } from "./identity/first-admin.ts";

// The database.
export { openDatabase, type Database, type DatabaseOptions } from "./database/database.ts";
export { DatabaseOpenError } from "./database/database-error.ts";
export { moveEmbedded, type MoveOptions, type MoveReport } from "./database/move/move-embedded.ts";
export { MoveError } from "./database/move/move-error.ts";
export { listPendingMigrations, migrate, type MigrationReport } from "./database/migrations.ts";
