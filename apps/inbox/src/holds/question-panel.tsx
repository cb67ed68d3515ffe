import { HoldpointApiError } from "@holdpoint/client";
import {
  isJsonObject,
  type DecisionInput,
  type HoldDetail,
  type JsonObject,
  type JsonValue,
  type Question,
} from "@holdpoint/protocol";
import { AgentMarkdown, ModelText, Unseen } from "@holdpoint/react";
import { ChoiceAnswer, LinkAnswer, SchemaAnswer, YesNoAnswer } from "./answer-forms.tsx";
import { isUnknownExecution, UnknownExecutionPanel } from "./unknown-execution-panel.tsx";
import { EscalationPanel } from "./escalation-panel.tsx";
import { Section } from "./section.tsx";

export interface QuestionPanelProps {
  hold: HoldDetail;
  isArmed: boolean;
  isBusy: boolean;
  /** What the service said to the last attempt. */
  error: Error | null;
  onSend: (input: DecisionInput) => void;
  /** While something is being written that only its own button sends, nothing else decides. */
  onWriting: (isWriting: boolean) => void;
}

/** What is asked, as it is meant: a button for a link, a choice, a field, yes or no, a form. */
export function QuestionPanel(props: QuestionPanelProps) {
  const { hold, error } = props;
  const { question } = hold;
  if (question === null) return null;
  const misfits = error instanceof HoldpointApiError ? error.errors : [];
  const guidance = question["guidance"];
  return (
    <Section title={hold.kind === "escalation" ? "What is unsure" : "The question"}>
      {typeof guidance === "string" && guidance !== "" ? (
        <div className="mb-4">
          <ModelText label="The asker's guidance">
            <AgentMarkdown text={guidance} />
          </ModelText>
        </div>
      ) : null}
      {question["type"] === "escalation" ? (
        <EscalationPanel {...props} question={question} />
      ) : (
        <Asked {...props} question={question} />
      )}
      {misfits.length === 0 ? null : (
        <ul role="alert" className="mt-3 border-l-2 border-ink pl-3 font-semibold">
          {misfits.map(({ path, message }) => (
            <li key={`${path} ${message}`}>
              <span className="fact">{path}</span> {message}
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

function Asked({ hold, isArmed, isBusy, onSend, question }: QuestionPanelProps & { question: JsonObject }) {
  const asked = question as unknown as Question;
  const form = {
    isArmed: isArmed && hold.allowedVerdicts.includes("answer"),
    isBusy,
    holdId: hold.id,
    onAnswer: (answer: JsonValue) => onSend({ verdict: "answer", answer }),
  };
  if (isUnknownExecution(hold) && isJsonObject(question["data"]))
    return <UnknownExecutionPanel hold={hold} data={question["data"]} {...form} />;
  if (hold.status !== "pending") return <Raw value={question} />;
  switch (asked.type) {
    case "action":
      return <LinkAnswer question={asked} {...form} />;
    case "choice":
      return <ChoiceAnswer question={asked} {...form} />;
    case "verification":
      return <YesNoAnswer {...form} />;
    case "value":
      return <SchemaAnswer schema={schemaOf(asked.schema)} proposed={asked.value} {...form} />;
    case "input":
      return <SchemaAnswer schema={schemaOf(asked.schema)} proposed={undefined} {...form} />;
    case "custom":
      return (
        <>
          {asked.data === undefined ? null : <Raw value={asked.data} />}
          <div className="mt-4">
            <SchemaAnswer schema={schemaOf(asked.schema)} proposed={undefined} {...form} />
          </div>
        </>
      );
    default:
      return <Raw value={question} />;
  }
}

function Raw({ value }: { value: JsonValue }) {
  return (
    <pre className="fact border-l-2 border-line pl-3">
      <Unseen text={JSON.stringify(value, null, 2)} isProse />
    </pre>
  );
}

function schemaOf(schema: JsonValue | undefined): JsonObject | null {
  return isJsonObject(schema) ? schema : null;
}
