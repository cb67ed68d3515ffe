import { titleOf as actionTitle } from "@holdpoint/core";
import type { JsonObject, JsonValue } from "@holdpoint/protocol";
import type { CallContext, ToolContext } from "../agents/tool-context.ts";
import type { DefinedTool } from "../agents/tool.ts";
import { AskSession } from "../clarifications/ask-session.ts";
import { createOnce, type Keeping } from "../clarifications/once.ts";
import { createToolAsks } from "../clarifications/tool-asks.ts";
import type { HookedCall, ToolHooks } from "../clarifications/tool-hooks.ts";
import type { DefinedNeed } from "../connections/connection-needs.ts";
import type { Connections } from "../connections/connections.ts";
import { ToolConnections } from "../connections/tool-connection.ts";
import type { EarlierAttempts } from "./commit.ts";

/** Of a returned question; of the result that hooks and choices look at. */
export const RETURNED = "$returned";
export const RESULT = "$result";

/** One start of a call, as the claim allows it (I1). */
export interface CallToExecute {
  tool: DefinedTool;
  arguments: JsonObject;
  context: CallContext;
  /** What was asked and kept before this attempt. */
  earlier: EarlierAttempts;
  /** Of the config and of the agent, the outer first. */
  hooks: readonly ToolHooks[];
  keep: Keeping["keep"];
  /** Undefined where the service has none. */
  accounts: Connections | undefined;
  /** Of the turn's calls, this one and others. */
  needs: readonly DefinedNeed[];
}

/** What belongs to one start of a call while it runs. */
export interface CallAttempt extends CallToExecute {
  session: AskSession;
  hooked: HookedCall;
  connections: ToolConnections;
  /** Keys and names with this prefix are apart from those of the tool. */
  contextFor: (prefix: string) => ToolContext;
  /** What the tool has returned: from then on it is not run again. */
  result: JsonValue | undefined;
}

export function beginAttempt(call: CallToExecute): CallAttempt {
  const { context, earlier } = call;
  const session = new AskSession({
    attempt: context.attempt,
    stored: earlier.asks,
    signal: context.signal,
  });
  const keeping: Keeping = {
    kept: earlier.once,
    keep: call.keep,
    waitFor: (work) => session.waitFor(work),
  };
  const returned = session.latest(RETURNED);
  const title = titleOf(call);
  const connections = new ToolConnections({
    connections: call.accounts,
    asking: session,
    orgId: context.orgId,
    endUser: context.endUser,
    title,
    alsoNeeded: (provider) => call.needs.filter((need) => need.provider === provider),
  });
  return {
    ...call,
    session,
    connections,
    hooked: { name: call.tool.name, arguments: call.arguments, title },
    contextFor: (prefix) => ({
      ...context,
      signal: session.signal,
      ask: createToolAsks(session, prefix),
      once: createOnce(keeping, prefix),
      connection: connections.connect,
      answer: returned?.status === "answered" ? structuredClone(returned.answer) : undefined,
    }),
    result: earlier.once[RESULT],
  };
}

/** The author's words for it; from name and arguments where there are none, or they fail. */
function titleOf({ tool, arguments: args, context }: CallToExecute): string {
  try {
    const title = tool.titleOf(args);
    if (title !== undefined && title !== "") return title;
  } catch (error) {
    context.logger.error({ err: error }, "The title of a tool's call failed.");
  }
  return actionTitle({ name: tool.name, arguments: args });
}
