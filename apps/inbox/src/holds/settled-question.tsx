import type { JsonObject, JsonValue } from "@holdpoint/protocol";
import { AgentMarkdown, Facts, ModelText, readAsked, Unseen } from "@holdpoint/react";

/** What was asked, once it is settled: to be read, and nothing to press. The answer stands in the outcome. */
export function SettledQuestion({ question }: { question: JsonObject }) {
  const asked = readAsked(question);
  if (asked === undefined || asked.type === "authorization") return <Facts values={question} />;
  const { guidance } = asked;
  return (
    <div className="grid gap-3">
      {guidance === undefined || guidance === "" ? null : (
        <ModelText label="The asker's guidance">
          <AgentMarkdown text={guidance} />
        </ModelText>
      )}
      {asked.type === "choice" ? (
        <ul aria-label="Options" className="list-disc pl-5">
          {asked.options.map((option, index) => (
            <li key={index}>
              <Unseen text={option.label} />
            </li>
          ))}
        </ul>
      ) : (
        <Facts values={rest(question)} />
      )}
    </div>
  );
}

/** What the question is made of, beside its guidance, in the form in which it was asked. */
function rest(question: JsonObject): JsonObject {
  const entries: [string, JsonValue][] = Object.entries(question).filter(([name]) => name !== "guidance");
  return Object.fromEntries(entries);
}
