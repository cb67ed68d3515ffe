import type { JsonValue, Run, ToolCall } from "@holdpoint/protocol";
import { useMutation } from "@tanstack/react-query";
import { useId, useState } from "react";
import { Unseen } from "@holdpoint/react";
import { giveResult, readRunAgain } from "../service/steer-queries.ts";
import { announce } from "../shell/announcer.tsx";
import { Choice } from "../ui/field.tsx";
import { ProblemNotice } from "../ui/problem-notice.tsx";
import { ReasonForm } from "../ui/reason-form.tsx";

interface GiveResultProps {
  run: Run;
  call: ToolCall;
  className: string;
  onClose: () => void;
}

/** A call taken over: a person did it, or says that it failed. It is never executed afterwards. */
export function GiveResult({ run, call, className, onClose }: GiveResultProps) {
  const id = useId();
  const [isDone, setIsDone] = useState(true);
  const [text, setText] = useState("");
  const give = useMutation({
    mutationFn: (reason: string) =>
      giveResult(run.id, call.id, {
        ...(isDone ? { result: readResult(text) } : { error: text.trim() }),
        reason,
      }),
    onSuccess: () => {
      announce("Taken over");
      onClose();
    },
    onSettled: () => readRunAgain(run.id),
  });
  const isOver = ["completed", "failed", "cancelled"].includes(run.status);
  return (
    <div className={className}>
      <ReasonForm
        label="Why by hand? Kept in the log."
        effect={
          isOver
            ? "The log says what came of it. Nothing is executed."
            : call.childRunId !== null
              ? "The agent goes on with this as the answer. The run that the call made is cancelled."
              : "The agent goes on with this as the tool's result. The tool is not executed for this call any more."
        }
        button={isDone ? "Give this result" : "Say that it failed"}
        isArmed={text.trim() !== ""}
        isBusy={give.isPending}
        onSend={(reason) => give.mutate(reason)}
        onClose={onClose}
      >
        <fieldset className="flex flex-wrap gap-x-6">
          <legend className="font-semibold">What came of it?</legend>
          <Choice name={`${id}-kind`} isChosen={isDone} onChoose={() => setIsDone(true)}>
            It is done
          </Choice>
          <Choice name={`${id}-kind`} isChosen={!isDone} onChoose={() => setIsDone(false)}>
            It failed, or will not be done
          </Choice>
        </fieldset>
        <label htmlFor={id} className="mt-2 block font-semibold">
          {isDone ? "The result that the agent is given" : "What the agent is told"}
        </label>
        <textarea
          id={id}
          // oxlint-disable-next-line jsx-a11y/no-autofocus -- the press that opened it asked for it
          autoFocus
          rows={3}
          maxLength={isDone ? 200_000 : 4_000}
          value={text}
          onChange={(event) => setText(event.target.value)}
          aria-describedby={`${id}-read`}
          className="field fact mt-1.5"
        />
        <p id={`${id}-read`} className="mt-1 mb-3 text-sm text-quiet">
          {isDone ? <ReadAs text={text} /> : "Words."}
        </p>
      </ReasonForm>
      {give.isError ? <ProblemNotice error={give.error} /> : null}
    </div>
  );
}

/** JSON where it is some, else the words themselves: said before it is sent. */
function readResult(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return text.trim();
  }
}

function ReadAs({ text }: { text: string }) {
  if (text.trim() === "") return "JSON, or plain words.";
  const result = readResult(text);
  return typeof result === "string" ? (
    "Read as words."
  ) : (
    <>
      Read as JSON:{" "}
      <span className="fact">
        <Unseen text={JSON.stringify(result)} />
      </span>
    </>
  );
}
