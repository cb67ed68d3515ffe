import { isJsonObject, type JsonObject, type JsonValue } from "@holdpoint/protocol";
import { Unseen } from "@holdpoint/react";

const WHO: Readonly<Record<string, string>> = {
  system: "Instructions",
  user: "Said to the model",
  assistant: "Said by the model",
  tool: "Results, told to the model",
};

/** The conversation exactly as the model is shown it, part by part; nothing of it is rendered. */
export function RunMessages({ messages }: { messages: readonly JsonObject[] }) {
  if (messages.length === 0) return <p className="text-quiet">No message yet.</p>;
  return (
    <ol aria-label="Messages" className="grid gap-4">
      {messages.map((message, index) => {
        const role = typeof message["role"] === "string" ? message["role"] : "";
        return (
          <li key={index} className="border-l-2 border-line pl-3">
            <p className="label">{WHO[role] ?? role}</p>
            {partsOf(message["content"]).map((part, place) => (
              <Part key={place} part={part} />
            ))}
          </li>
        );
      })}
    </ol>
  );
}

function partsOf(content: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(content) ? content : [content ?? null];
}

function Part({ part }: { part: JsonValue }) {
  const text = isJsonObject(part) && typeof part["text"] === "string" ? part["text"] : part;
  return (
    <pre className="fact mt-1 max-h-96 overflow-auto" tabIndex={0}>
      <Unseen text={typeof text === "string" ? text : JSON.stringify(text, null, 2)} isProse />
    </pre>
  );
}
