import { HoldpointApiError } from "@holdpoint/client";
import {
  isJsonObject,
  type DecisionInput,
  type HoldDetail,
  type JsonObject,
  type JsonValue,
} from "@holdpoint/protocol";
import { AnswerForm, forgetDrafts, WORDING, WordingProvider } from "@holdpoint/react";
import { useEffect } from "react";
import { KeyHint } from "../keys/key-hint.tsx";
import { AskedOf } from "./asked-of.tsx";
import { AuthorizationPanel } from "./authorization-panel.tsx";
import { EscalationPanel } from "./escalation-panel.tsx";
import { Section } from "./section.tsx";
import { SettledQuestion } from "./settled-question.tsx";
import { isUnknownExecution, UnknownExecutionPanel } from "./unknown-execution-panel.tsx";

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

/** What this page says of itself where the end users' page says it to the person who is asked. */
const OPERATOR_WORDING = {
  ...WORDING,
  guidance: "The asker's guidance",
  shownData: "What it is about, in the asker's words",
  answer: "Answer",
  yourAnswer: "Answer",
  done: "It is done",
  doneByItself: "It is answered by itself once that is done.",
};

/** What is asked, as it is meant: a button for a link, a choice, a field, yes or no, a form. */
export function QuestionPanel(props: QuestionPanelProps) {
  const { hold } = props;
  const { question } = hold;
  const isPending = hold.status === "pending";
  useEffect(() => {
    if (!isPending) forgetDrafts(hold.id);
  }, [hold.id, isPending]);
  if (question === null) return null;
  return (
    <Section title={hold.kind === "escalation" ? "What is unsure" : "The question"}>
      <WordingProvider value={OPERATOR_WORDING}>
        <Asked {...props} question={question} />
      </WordingProvider>
    </Section>
  );
}

function Asked(props: QuestionPanelProps & { question: JsonObject }) {
  const { hold, question, error, onSend } = props;
  const misfits = error instanceof HoldpointApiError ? error.errors : [];
  const onAnswer = (answer: JsonValue) => onSend({ verdict: "answer", answer });
  const isArmed = props.isArmed && hold.allowedVerdicts.includes("answer");
  if (question["type"] === "escalation") return <EscalationPanel {...props} question={question} />;
  if (isUnknownExecution(hold) && isJsonObject(question["data"])) {
    return (
      <UnknownExecutionPanel
        hold={hold}
        data={question["data"]}
        isArmed={isArmed}
        isBusy={props.isBusy}
        onAnswer={onAnswer}
      />
    );
  }
  if (question["type"] === "authorization") return <AuthorizationPanel hold={hold} question={question} />;
  if (hold.status !== "pending") return <SettledQuestion question={question} />;
  return (
    <>
      <AskedOf hold={hold} />
      <AnswerForm
        key={hold.id}
        id={hold.id}
        question={question}
        isDisabled={!isArmed}
        isBusy={props.isBusy}
        misfits={misfits}
        labels="names"
        submitHint={<KeyHint name="submit" tone="inherit" />}
        onAnswer={onAnswer}
      />
    </>
  );
}
