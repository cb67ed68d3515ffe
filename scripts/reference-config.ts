// Writes docs/reference/config.md from the option types of the define functions: `node scripts/reference-config.ts`.
import { writeFileSync } from "node:fs";
import { evidenceSchema, ON_TIMEOUT, IMPACTS, REVERSIBILITIES } from "@holdpoint/protocol";
import { code, referencePath, renderPage, renderTable } from "./reference-markdown.ts";
import { readMembers } from "./reference-types.ts";

/** What the types do not say themselves. */
const TEXTS: Record<string, string> = {
  "ConfigOptions.agents": "The agents, each made by `defineAgent`.",
  "ConfigOptions.demo": "For examples.",
  "ConfigOptions.limits": "Bounds on what the service does.",
  "ConfigOptions.retention": "How long what is personal is kept.",
  "ConfigOptions.organisation": "The organisation, as it is made at the first start.",
  "SetupContext.database": "`query(text, values)`: SQL as the owner of the database.",
  "AgentOptions.name": "As people read it.",
  "AgentOptions.instructions": "The system message of every turn.",
  "AgentOptions.tools": "What it may call, each made by `defineTool`.",
  "AgentOptions.maxOutputTokens": "Bound on each answer of the model.",
  "AgentOptions.temperature": "From 0 to 2; default the provider's.",
  "ConfidenceOptions.triggers": "What goes to a person however sure the agent is.",
  "EstimateRequest.task": "The input of the run.",
  "EstimateRequest.agentId": "The agent.",
  "EstimateRequest.runId": "The run.",
  "ToolOptions.impact": "Shown to the reviewer. Default by reversibility and value.",
  "ConfirmationThreshold.threshold": "The number to compare with.",
  "ChooseFromOptions.guidance": "What helps the person to choose.",
  "ToolHookOptions.beforeToolCall":
    'Run before the tool does, each with `({name, arguments, title}, context)`. They may ask; what throws ends the call unexecuted, and the model is told why. `verifyCalls(["send_mail"])` is a ready-made one.',
  "ToolHookOptions.afterToolCall":
    "Run on what the tool has returned, each with `({name, arguments, title, result}, context)`. They may ask, for which the tool is not run again; what throws keeps the result from the model.",
  "CallContext.orgId": "The organisation.",
  "CallContext.agentId": "The agent.",
  "CallContext.runId": "The run.",
  "CallContext.toolCallId": "This call.",
  "CallContext.sessionId": "The conversation, as the app named it.",
  "CallContext.logger":
    "`info`, `warn`, `error`, each `(details, message)`; into the service's log, with run and call.",
  "CallContext.database": "The service's database, for the tool's own tables.",
  "ScriptTurn.text": "The last words of the user.",
  "ScriptTurn.results": "The results of the calls that it made since.",
  "ScriptTurn.notes": "What operators have said since.",
  "ScriptTurn.tools": "Names of the agent's tools.",
  "ScriptResult.name": "The tool.",
  "ScriptResult.arguments": "With what the script called it.",
  "ScriptReply.text": "What the agent says.",
  "ScriptReply.toolCalls": "What it calls; without any, the run is complete.",
};

/** The whole page, as it is in the repository. */
export function renderConfigPage(): string {
  return renderPage("Config file", "the types in `packages/server/src/agents/`", "reference-config.ts", [
    "`holdpoint start` reads `./holdpoint.config.ts`, or the file that `HOLDPOINT_CONFIG` names. Its default export is what `defineConfig` makes. An option that does not exist, or has a value that it cannot have, stops the start with a message that names it.",
    "## defineConfig",
    options("config.ts", "ConfigOptions"),
    "And hooks around the calls of all agents: those of [an agent](#hooks) are the inner ones.",
    "`setup` and `demo.reset` get:",
    options("config.ts", "SetupContext"),
    "## defineAgent",
    options("agent.ts", "AgentOptions"),
    "## Hooks",
    "Of an agent, or of all in `defineConfig`; one function or a list:",
    options("../clarifications/tool-hooks.ts", "ToolHookOptions"),
    "## confidence",
    "Has it estimated how sure the agent is of its final answers: [Have unsure answers looked at](../how-to/confidence.md).",
    options("../confidence/options.ts", "ConfidenceOptions"),
    "`triggers` are:",
    options("../confidence/options.ts", "TriggerOptions"),
    "`estimate` gets:",
    options("../confidence/options.ts", "EstimateRequest"),
    "## defineTool",
    options("tool.ts", "ToolOptions"),
    [
      `- \`Reversibility\` is one of ${list(REVERSIBILITIES)}.`,
      `- \`Impact\` is one of ${list(IMPACTS)}.`,
      `- \`OnTimeout\` is one of ${list(ON_TIMEOUT)}. \`approve\` needs \`reversibility: "reversible"\`; \`escalate\` is refused by this version.`,
      `- \`Evidence\` is one of ${evidenceSchema.options.map(renderEvidence).join(", ")}; at most 20 on a hold.`,
    ].join("\n"),
    "`chooseFrom` is:",
    options("../clarifications/choose-from.ts", "ChooseFromOptions"),
    "## requiresConfirmation",
    'One of `true`, `false`, a role (`"reviewer"`, `"manager"`, `"operator"`, `"admin"`, or the same in upper case), a threshold, or a function of the arguments and the context that answers `true`, `false` or a role. A threshold is:',
    options("confirmation.ts", "ConfirmationThreshold"),
    "A function that throws or answers something else confirms nothing: the action is held. Through `POST /v1/holds`, where there is no run, a function is not called and the action is held.",
    "## What a tool is told",
    "The second parameter of `execute`, `evidence` and a `requiresConfirmation` function:",
    options("tool-context.ts", "CallContext"),
    "`execute` and hooks have besides:",
    options("tool-context.ts", "ToolContext"),
    "`context.ask` has `action`, `input`, `choice`, `value`, `verify` and `custom`, each with a key first and options last: [questions in the middle of a call](../explanation/questions-in-a-call.md). `ask` and `choose`, imported from `holdpoint`, make the same questions to be returned, with a title first. The options:",
    options("../clarifications/tool-asks.ts", "AskOptions"),
    "Its `database` speaks SQL as role `hp_tools`, which sees nothing of Holdpoint's own tables:",
    options("tool-context.ts", "ToolDatabase"),
    "## Providers",
    "Where end users sign in, so that tools may work with their accounts: `providers: [google(), defineProvider({...})]`. [Providers](providers.md) has the ready entries and what each needs.",
    options("../connections/provider.ts", "ProviderOptions"),
    '`Configured` is text, or `{env: "NAME"}` for the value of an environment variable when the service starts: `ConfigError` when it is not set. Every endpoint is `https`, or `http` on this machine. `google`, `github`, `slack` and `microsoft` take `id`, `label`, `scopes`, `parameters` and `callbackPath` of these, `microsoft` a `tenant`, and:',
    options("../connections/ready-providers.ts", "ReadyProviderOptions"),
    "## script",
    "A function in the place of a model, for examples, tests and first steps. It is called once a turn with:",
    options("models/scripted-model.ts", "ScriptTurn"),
    "Each of `results` has:",
    options("models/scripted-model.ts", "ScriptResult"),
    "It answers with:",
    options("models/scripted-model.ts", "ScriptReply"),
  ]);
}

/** Throws for a member that neither its type nor this page says anything about. */
function options(file: string, name: string): string {
  const rows = readMembers(`packages/server/src/agents/${file}`, name).map((member) => {
    const text = member.text || TEXTS[`${name}.${member.name}`];
    if (text === undefined) throw new Error(`${name}.${member.name} has no description`);
    return [code(member.name), member.isOptional ? "" : "yes", code(member.type), text];
  });
  return renderTable([["member", "required", "type", "what it is"], ...rows]);
}

function list(words: readonly string[]): string {
  return words.map((word) => code(`"${word}"`)).join(", ");
}

function renderEvidence(schema: (typeof evidenceSchema.options)[number]): string {
  const members = Object.keys(schema.shape).filter((name) => name !== "type");
  return code(`{type: "${schema.shape.type.value}", ${members.join(", ")}}`);
}

if (import.meta.main) writeFileSync(referencePath("config"), renderConfigPage());
