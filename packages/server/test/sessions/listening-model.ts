import type { ModelObject } from "../../src/agents/agent.ts";
import { scriptedModel, type Script } from "../../src/agents/models/scripted-model.ts";

/** What the model was given: the system prompt, and each message as one line a part. */
export interface Heard {
  system: string;
  lines: string[];
}

export interface ListeningModel {
  model: ModelObject;
  /** One entry a turn. */
  heard: Heard[];
}

/** A script as a model that keeps what it is given; `before` may hold a turn back. */
export function listeningModel(script: Script, before?: () => Promise<void>): ListeningModel {
  const heard: Heard[] = [];
  let calls = 0;
  const scripted = scriptedModel(script, "listener", () => `call_${++calls}`);
  const model: ModelObject = {
    ...scripted,
    async doStream(options: StreamOptions) {
      heard.push(readPrompt(options.prompt));
      assertPaired(options.prompt);
      await before?.();
      return scripted.doStream(options);
    },
  };
  return { model, heard };
}

type StreamOptions = Parameters<ReturnType<typeof scriptedModel>["doStream"]>[0];
type Prompt = StreamOptions["prompt"];

function readPrompt(prompt: Prompt): Heard {
  const heard: Heard = { system: "", lines: [] };
  for (const { role, content } of prompt) {
    if (typeof content === "string") {
      heard.system = content;
      continue;
    }
    for (const part of content) {
      if (part.type === "text") heard.lines.push(`${role}: ${part.text}`);
      else if (part.type === "tool-call") heard.lines.push(`${role}: calls ${part.toolName}`);
      else if (part.type === "tool-result") heard.lines.push(`${role}: ${JSON.stringify(part.output)}`);
    }
  }
  return heard;
}

/** What every provider's API demands (I11): each call has exactly one result, in the message that follows. */
function assertPaired(prompt: Prompt): void {
  for (const [index, { role, content }] of prompt.entries()) {
    if (role !== "assistant") continue;
    const asked = content.flatMap((part) => (part.type === "tool-call" ? [part.toolCallId] : []));
    const next = prompt[index + 1];
    const told =
      next?.role === "tool"
        ? next.content.flatMap((part) => (part.type === "tool-result" ? [part.toolCallId] : []))
        : [];
    if (asked.length > 0 && JSON.stringify(asked) !== JSON.stringify(told))
      throw new TypeError(`Calls ${asked.join(", ")} have results ${told.join(", ")}.`);
  }
}
