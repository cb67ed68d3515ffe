import type { JsonObject, JsonValue, Question } from "@holdpoint/protocol";
import { useId, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { FormProvider } from "react-hook-form";
import { DraftField, Unseen, useDraftForm } from "@holdpoint/react";
import { Button } from "../ui/button.tsx";
import { Icon } from "../ui/icon.tsx";

interface AnswerProps {
  holdId: string;
  isArmed: boolean;
  isBusy: boolean;
  onAnswer: (answer: JsonValue) => void;
}

/** A link as a button with its words, and the host beside it: never the bare address. */
export function LinkAnswer(props: AnswerProps & { question: Extract<Question, { type: "action" }> }) {
  const { question } = props;
  return (
    <>
      <a
        href={question.url}
        target="_blank"
        rel="noopener noreferrer nofollow"
        className="inline-flex min-h-9 items-center gap-2 rounded-control border border-edge px-3 font-medium hover:bg-sunken"
      >
        <Unseen text={question.label} /> <Icon name="external" />
      </a>
      <span className="ml-2 text-sm text-quiet">leads to {new URL(question.url).host}</span>
      {question.requireConfirmation ? (
        <p className="mt-3">
          <Button
            kind="main"
            isDisabled={!props.isArmed}
            isBusy={props.isBusy}
            onPress={() => props.onAnswer(true)}
          >
            It is done
          </Button>
        </p>
      ) : (
        <p className="mt-2 text-sm text-quiet">It is answered by itself once that is done.</p>
      )}
    </>
  );
}

export function ChoiceAnswer(props: AnswerProps & { question: Extract<Question, { type: "choice" }> }) {
  const { question } = props;
  const name = useId();
  const [chosen, setChosen] = useState<readonly number[]>([]);
  const values = chosen.map((index) => question.options[index]?.value ?? null);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (props.isArmed && chosen.length > 0)
          props.onAnswer(question.multiple ? values : (values[0] ?? null));
      }}
    >
      <fieldset className="grid gap-1">
        <legend className="sr-only">{question.multiple ? "Choose one or more" : "Choose one"}</legend>
        {question.options.map((option, index) => (
          <label
            key={JSON.stringify(option.value)}
            className="flex min-h-9 items-start gap-2.5 border-b border-line py-1.5"
          >
            <input
              type={question.multiple ? "checkbox" : "radio"}
              name={name}
              className="mt-0.5 size-4 accent-ink"
              checked={chosen.includes(index)}
              onChange={(event) => {
                const rest = question.multiple ? chosen.filter((entry) => entry !== index) : [];
                setChosen(event.target.checked ? [...rest, index].toSorted((a, b) => a - b) : rest);
              }}
            />
            <span>
              <Unseen text={option.label} />
              {option.detail === undefined ? null : (
                <span className="block text-sm text-quiet">
                  <Unseen text={option.detail} isProse />
                </span>
              )}
            </span>
          </label>
        ))}
      </fieldset>
      <Button
        type="submit"
        kind="main"
        className="mt-3"
        isDisabled={!props.isArmed || chosen.length === 0}
        isBusy={props.isBusy}
      >
        Answer
      </Button>
    </form>
  );
}

export function YesNoAnswer({ isArmed, isBusy, onAnswer }: AnswerProps) {
  return (
    <div className="flex gap-2" role="group" aria-label="Answer">
      <Button kind="main" isDisabled={!isArmed} isBusy={isBusy} onPress={() => onAnswer(true)}>
        Yes
      </Button>
      <Button isDisabled={!isArmed} isBusy={isBusy} onPress={() => onAnswer(false)}>
        No
      </Button>
    </div>
  );
}

/** A form of the schema; without one, JSON. */
export function SchemaAnswer(
  props: AnswerProps & { schema: JsonObject | null; proposed: JsonValue | undefined },
) {
  const { schema, proposed, holdId, isArmed, isBusy, onAnswer } = props;
  const { field, form, value, problems, changes, forget } = useDraftForm({
    schema,
    proposed,
    storedAs: `answer:${holdId}`,
  });
  const [isTried, setIsTried] = useState(false);
  const fields = useRef<HTMLFormElement>(null);
  const send = () => {
    flushSync(() => setIsTried(true));
    if (!isArmed || isBusy) return;
    if (problems.length > 0 || value === undefined) {
      fields.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
      return;
    }
    forget();
    onAnswer(value);
  };
  const context = {
    changed: new Set(proposed === undefined ? [] : changes.map((change) => change.path)),
    problems: isTried ? problems : [],
  };
  return (
    <FormProvider {...form}>
      <form
        ref={fields}
        onSubmit={(event) => event.preventDefault()} // Enter in a field answers nothing
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send();
        }}
      >
        <DraftField field={field} name="draft" path={[]} label="Answer" isRequired context={context} />
        <Button
          kind="main"
          shortcut="submit"
          className="mt-3"
          isDisabled={!isArmed}
          isBusy={isBusy}
          onPress={send}
        >
          Answer
        </Button>
      </form>
    </FormProvider>
  );
}
