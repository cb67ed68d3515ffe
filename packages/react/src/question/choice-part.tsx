import { canonicalJson, type JsonValue, type Question } from "@holdpoint/protocol";
import { useId, useState } from "react";
import { useDraftText } from "../form/use-draft-text.ts";
import { visible } from "../text/unseen.ts";
import { Unseen } from "../text/unseen-text.tsx";
import type { PartProps } from "./part.ts";
import { Press } from "./press.tsx";
import { useWording } from "./wording.ts";

type ChoiceQuestion = Extract<Question, { type: "choice" }>;

/** From so many options on there is a field to search them. */
const SEARCHED_FROM = 9;
/** More are not drawn at once; the search finds them. */
const SHOWN = 100;

export function ChoicePart(props: PartProps & { question: ChoiceQuestion }) {
  const { question } = props;
  const words = useWording();
  const name = useId();
  const [chosen, setChosen] = useChosen(props.id, question);
  const [sought, setSought] = useState("");
  const found = question.options.flatMap((option, index) =>
    matches(`${option.label} ${option.detail ?? ""}`, sought) ? [index] : [],
  );
  const shown = found.slice(0, SHOWN);
  const choose = (index: number, isOn: boolean) => {
    const rest = question.multiple ? chosen.filter((entry) => entry !== index) : [];
    setChosen(isOn ? [...rest, index].toSorted((a, b) => a - b) : rest);
  };
  const values = chosen.map((index) => question.options[index]?.value ?? null);
  return (
    <form
      onSubmit={(event) => event.preventDefault()} // Enter in the search answers nothing
    >
      {question.options.length < SEARCHED_FROM ? null : (
        <label className="hp-search">
          <span className="hp-field-label">{words.search}</span>
          <input
            type="search"
            autoComplete="off"
            className="hp-input"
            value={sought}
            onChange={(event) => setSought(event.target.value)}
          />
          <span className="hp-quiet" role="status">
            {found.length === question.options.length ? "" : `${found.length} of ${question.options.length}`}
          </span>
        </label>
      )}
      <fieldset className="hp-choices">
        <legend className="hp-for-ears">{question.multiple ? words.chooseSeveral : words.choose}</legend>
        {shown.map((index) => {
          const option = question.options[index] as ChoiceQuestion["options"][number];
          return (
            <label key={index} className="hp-choice">
              <input
                type={question.multiple ? "checkbox" : "radio"}
                name={name}
                className="hp-check"
                checked={chosen.includes(index)}
                onChange={(event) => choose(index, event.target.checked)}
              />
              <span>
                <Unseen text={option.label} />
                {option.detail === undefined ? null : (
                  <span className="hp-detail">
                    <Unseen text={option.detail} isProse />
                  </span>
                )}
              </span>
            </label>
          );
        })}
      </fieldset>
      {found.length === 0 ? <p className="hp-quiet">{words.nothingFound}</p> : null}
      {found.length > SHOWN ? (
        <p className="hp-quiet">
          {found.length - SHOWN} more: {words.search.toLowerCase()}
        </p>
      ) : null}
      <Unshown question={question} chosen={chosen} shown={shown} />
      <div className="hp-row">
        <Press
          isMain
          isDisabled={props.isDisabled || chosen.length === 0}
          isBusy={props.isBusy}
          onPress={() => props.onAnswer(question.multiple ? values : (values[0] ?? null))}
        >
          {words.answer}
        </Press>
      </div>
    </form>
  );
}

/** What is chosen and does not match the search: nothing is sent that cannot be seen. */
function Unshown(props: { question: ChoiceQuestion; chosen: readonly number[]; shown: readonly number[] }) {
  const hidden = props.chosen.filter((index) => !props.shown.includes(index));
  if (hidden.length === 0) return null;
  return (
    <p>
      <span className="hp-quiet">Also chosen: </span>
      {hidden.map((index) => visible(props.question.options[index]?.label ?? "")).join(", ")}
    </p>
  );
}

/** The chosen options by their values, so that a draft never chooses another option of another list. */
function useChosen(
  id: string,
  question: ChoiceQuestion,
): [readonly number[], (next: readonly number[]) => void] {
  const [text, setText] = useDraftText(`choice:${id}`);
  const kept = new Set(text === "" ? [] : text.split("\n"));
  const chosen = question.options.flatMap((option, index) =>
    kept.has(keyOf(option.value, index)) ? [index] : [],
  );
  return [
    question.multiple ? chosen : chosen.slice(0, 1),
    (next) => setText(next.map((index) => keyOf(question.options[index]?.value ?? null, index)).join("\n")),
  ];
}

function keyOf(value: JsonValue, index: number): string {
  return `${index} ${canonicalJson(value)}`;
}

/** Each word of the search is somewhere in the text. */
function matches(text: string, sought: string): boolean {
  const inText = text.toLocaleLowerCase();
  return sought
    .toLocaleLowerCase()
    .split(/\s+/)
    .every((word) => inText.includes(word));
}
