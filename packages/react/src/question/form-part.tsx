import type { JsonObject, JsonValue } from "@holdpoint/protocol";
import { useEffect, useRef, useState } from "react";
import { FormProvider } from "react-hook-form";
import { DraftField } from "../form/draft-field.tsx";
import { useDraftForm } from "../form/use-draft-form.ts";
import type { PartProps } from "./part.ts";
import { Press } from "./press.tsx";
import { useWording } from "./wording.ts";

export interface FormPartProps extends PartProps {
  /** Null: the proposed value says what it is, and without one it is text. */
  schema: JsonObject | null;
  /** What stands in the fields already; undefined where there is nothing yet. */
  proposed: JsonValue | undefined;
}

/** A form of the schema. Prefilled, it asks to confirm, and marks what was changed. */
export function FormPart({ schema, proposed, id, ...props }: FormPartProps) {
  const words = useWording();
  const { isDisabled, isBusy } = props;
  const { field, form, value, problems, changes } = useDraftForm({
    schema: schema ?? (proposed === undefined ? PLAIN_TEXT : null),
    proposed,
    storedAs: `answer:${id}`,
    offersOptional: true,
  });
  const [tries, setTries] = useState(0);
  const isTried = tries > 0;
  const fields = useRef<HTMLFormElement>(null);
  // After each try that could not be sent, the first field that is wrong.
  useEffect(() => {
    if (tries > 0) fields.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [tries]);
  const send = () => {
    if (problems.length > 0 || value === undefined) {
      setTries(tries + 1);
      return;
    }
    if (isDisabled || isBusy) return;
    // The draft stays until the answer counts: a refused one is not to be written a second time.
    props.onAnswer(value);
  };
  const isPrefilled = proposed !== undefined;
  const context = {
    changed: new Set(isPrefilled ? changes.map((change) => change.path) : []),
    problems: isTried ? problems : [],
    labels: props.labels,
    offersOptional: true,
  };
  return (
    <FormProvider {...form}>
      <form
        ref={fields}
        noValidate
        onSubmit={(event) => event.preventDefault()} // Enter in a field answers nothing
        onKeyDown={(event) => {
          if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
          event.preventDefault();
          send();
        }}
      >
        <DraftField
          field={field}
          name="draft"
          path={[]}
          label={field.title ?? words.yourAnswer}
          isRequired
          context={context}
        />
        {isTried && problems.length > 0 ? (
          <p className="hp-problem" role="alert">
            {words.missing}
          </p>
        ) : null}
        <div className="hp-row">
          <Press
            isMain
            isDisabled={isDisabled}
            isBusy={isBusy}
            onPress={send}
            keyShortcuts="Control+Enter Meta+Enter"
          >
            {labelOf(words, isPrefilled, changes.length > 0)}
            {props.submitHint}
          </Press>
        </div>
      </form>
    </FormProvider>
  );
}

/** Who asks without a schema takes any answer; a person writes words. */
const PLAIN_TEXT: JsonObject = { type: "string", maxLength: 4_000 };

function labelOf(words: ReturnType<typeof useWording>, isPrefilled: boolean, isChanged: boolean): string {
  if (!isPrefilled) return words.answer;
  return isChanged ? words.confirmChanged : words.confirm;
}
