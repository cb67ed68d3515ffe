import { confidenceInWords, isJsonObject, type JsonObject, type JsonValue } from "@holdpoint/protocol";
import { useId, useState, type KeyboardEvent, type ReactNode } from "react";
import { FormProvider } from "react-hook-form";
import {
  AgentMarkdown,
  ChangeList,
  DraftField,
  FactValue,
  ModelText,
  PlainProse,
  useDraftForm,
  useDraftText,
} from "@holdpoint/react";
import { useKey } from "../keys/use-key.ts";
import { Button } from "../ui/button.tsx";
import { countOf } from "../words/change-words.ts";
import type { QuestionPanelProps } from "./question-panel.tsx";

/** A result that its agent is not sure of: accept it (in the bar), correct it, or send it back with a word. */
export function EscalationPanel(props: QuestionPanelProps & { question: JsonObject }) {
  const { hold, question } = props;
  const [mode, setModeOnly] = useState<"read" | "correct" | "guide">("read");
  const setMode = (next: typeof mode) => {
    setModeOnly(next);
    props.onWriting(next !== "read");
  };
  const result = question["result"] ?? null;
  const isOpen = hold.status === "pending";
  const mayEdit = props.isArmed && hold.allowedVerdicts.includes("modify");
  useKey("edit", () => setMode("correct"), isOpen && mayEdit && mode === "read");
  return (
    <>
      <Confidence confidence={question["confidence"]} threshold={question["threshold"]} />
      <div className="mt-3 grid gap-4">
        <ModelText label="The task, as the agent was given it">
          <AgentMarkdown text={show(question["task"])} />
        </ModelText>
        {mode === "correct" && isOpen ? (
          <Correction {...props} result={result} onCancel={() => setMode("read")} />
        ) : (
          <ModelText label="Its result">
            {typeof result === "string" ? (
              <AgentMarkdown text={result} />
            ) : (
              <p className="fact">
                <FactValue value={result} />
              </p>
            )}
          </ModelText>
        )}
        {hold.status === "modified" ? (
          <Corrected result={hold.outcome?.arguments?.["result"] ?? null} />
        ) : null}
        {mode === "guide" && isOpen ? <Guidance {...props} onCancel={() => setMode("read")} /> : null}
      </div>
      {mode === "read" && isOpen ? (
        <div className="mt-4 flex flex-wrap gap-2">
          {hold.allowedVerdicts.includes("modify") ? (
            <Button
              icon="edit"
              shortcut="edit"
              isDisabled={!props.isArmed}
              onPress={() => setMode("correct")}
            >
              Edit the result
            </Button>
          ) : null}
          {hold.allowedVerdicts.includes("answer") ? (
            <Button icon="message" isDisabled={!props.isArmed} onPress={() => setMode("guide")}>
              Send back with a word
            </Button>
          ) : (
            <p className="self-center text-sm text-quiet">
              It was sent back {show(question["sendBacks"])} times; now accept, edit or reject it.
            </p>
          )}
        </div>
      ) : null}
    </>
  );
}

/** The number, what it means, and what it is measured by. It says how sure the answer sounds, not whether it is right. */
function Confidence({ confidence, threshold }: Record<"confidence" | "threshold", JsonValue | undefined>) {
  if (typeof confidence !== "number") return null;
  const limit = typeof threshold === "number" ? threshold : undefined;
  return (
    <p>
      <span className="font-semibold">The agent is {confidenceInWords(confidence)}</span>
      <span className="text-quiet">
        {": "}confidence <span className="fact text-ink">{confidence.toFixed(2)}</span>
        {limit === undefined ? null : (
          <>
            , {confidence < limit ? "below" : "not below"} the threshold{" "}
            <span className="fact text-ink">{limit}</span>
          </>
        )}
      </span>
    </p>
  );
}

function Corrected({ result }: { result: JsonValue }) {
  return (
    <div>
      <p className="label">What was given out instead</p>
      {typeof result === "string" ? (
        <PlainProse text={result} />
      ) : (
        <p className="fact">
          <FactValue value={result} />
        </p>
      )}
    </div>
  );
}

type PartProps = QuestionPanelProps & { onCancel: () => void };

function Correction({ hold, result, isArmed, isBusy, onSend, onCancel }: PartProps & { result: JsonValue }) {
  const { field, form, value, problems, changes } = useDraftForm({
    schema: null,
    proposed: result,
    storedAs: `result:${hold.id}`,
  });
  const canSend = isArmed && problems.length === 0 && changes.length > 0 && value !== undefined;
  const context = { changed: new Set(changes.map((change) => change.path)), problems };
  return (
    <FormProvider {...form}>
      <form onSubmit={(event) => event.preventDefault()} onKeyDown={leaveBy(onCancel)}>
        <DraftField field={field} name="draft" path={[]} label="Result" isRequired context={context} />
        {changes.length > 0 && isJsonObject(result) ? <ChangeList changes={changes} /> : null}
        <Buttons onCancel={onCancel}>
          <Button
            kind="main"
            isDisabled={!canSend}
            isBusy={isBusy}
            onPress={() =>
              value === undefined
                ? undefined
                : onSend({ verdict: "modify", modifications: { result: value } })
            }
          >
            Accept with {countOf(changes.length)}
          </Button>
        </Buttons>
      </form>
    </FormProvider>
  );
}

function Guidance({ hold, isArmed, isBusy, onSend, onCancel }: PartProps) {
  const id = useId();
  const [text, setText] = useDraftText(`guidance:${hold.id}`);
  const guidance = text.trim();
  return (
    <form onSubmit={(event) => event.preventDefault()} onKeyDown={leaveBy(onCancel)}>
      <label htmlFor={id} className="font-semibold">
        What should the agent do differently?
      </label>
      <textarea
        id={id}
        // oxlint-disable-next-line jsx-a11y/no-autofocus -- the press that opened it asked for it
        autoFocus
        rows={4}
        maxLength={4_000}
        value={text}
        onChange={(event) => setText(event.target.value)}
        className="field mt-1.5"
      />
      <Buttons onCancel={onCancel}>
        <Button
          kind="main"
          isDisabled={!isArmed || guidance === ""}
          isBusy={isBusy}
          onPress={() => onSend({ verdict: "answer", answer: { guidance } })}
        >
          Send back
        </Button>
      </Buttons>
    </form>
  );
}

/** Escape leaves the form and not the card. */
function leaveBy(onCancel: () => void) {
  return (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    onCancel();
  };
}

function Buttons({ children, onCancel }: { children: ReactNode; onCancel: () => void }) {
  return (
    <div className="mt-2 flex gap-2">
      {children}
      <Button onPress={onCancel}>Cancel</Button>
    </div>
  );
}

function show(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? null);
}
