import { isJsonObject, type JsonObject, type JsonValue } from "@holdpoint/protocol";
import type { ReactNode } from "react";
import { inWords, type FormContext } from "../form/draft-field.tsx";
import { Facts, FactValue } from "../text/facts.tsx";
import { AgentMarkdown, ModelText } from "../text/model-text.tsx";
import { Unseen } from "../text/unseen-text.tsx";
import { ActionPart } from "./action-part.tsx";
import { readAsked } from "./asked.ts";
import { AuthorizationPart } from "./authorization-part.tsx";
import { ChoicePart } from "./choice-part.tsx";
import { FormPart } from "./form-part.tsx";
import { VerificationPart } from "./verification-part.tsx";
import { useWording } from "./wording.ts";

export interface AnswerFormProps {
  /** Of the question: under it what is half written survives a reload of the tab. */
  id: string;
  /** As the service stores it. */
  question: JsonObject;
  /** Nothing may be sent now. Default false. */
  isDisabled?: boolean;
  /** An answer is on its way. Default false. */
  isBusy?: boolean;
  onAnswer: (answer: JsonValue) => void;
  /** Leads to the provider of an authorization; without it the authorization is shown and cannot be begun here. */
  onAuthorize?: (() => void) | undefined;
  /** Folds an authorization without deciding it. */
  onLater?: (() => void) | undefined;
  /** What the service found wrong with the last answer. */
  misfits?: readonly { path: string; message: string }[];
  /** Words for scopes of one's own providers, by the scope. */
  scopeWords?: Readonly<Record<string, string>> | undefined;
  /** How a form labels its fields. Default `titles`. */
  labels?: FormContext["labels"];
  /** Shown beside a form's button as the keys that press it. */
  submitHint?: ReactNode;
}

/** What is asked as it is meant, with its guidance: a button for a link, a choice, a field, yes or no, a form. */
export function AnswerForm(props: AnswerFormProps) {
  const words = useWording();
  const { question, misfits = [] } = props;
  const guidance = question["guidance"];
  return (
    <div className="hp-stack">
      {typeof guidance === "string" && guidance !== "" ? (
        <ModelText label={words.guidance}>
          <AgentMarkdown text={guidance} />
        </ModelText>
      ) : null}
      <Part {...props} />
      <Misfits misfits={misfits} labels={props.labels ?? "titles"} schema={question["schema"]} />
    </div>
  );
}

function Part(props: AnswerFormProps) {
  const words = useWording();
  const asked = readAsked(props.question);
  const part = {
    id: props.id,
    isDisabled: props.isDisabled ?? false,
    isBusy: props.isBusy ?? false,
    onAnswer: props.onAnswer,
    labels: props.labels ?? "titles",
    submitHint: props.submitHint,
  };
  switch (asked?.type) {
    case "action":
      return <ActionPart {...part} question={asked} />;
    case "choice":
      return <ChoicePart {...part} question={asked} />;
    case "verification":
      return <VerificationPart {...part} />;
    case "value":
      return <FormPart {...part} schema={schemaOf(asked.schema)} proposed={asked.value} />;
    case "input":
      return <FormPart {...part} schema={schemaOf(asked.schema)} proposed={undefined} />;
    case "custom":
      return (
        <>
          {asked.data === undefined ? null : <ShownData label={words.shownData} data={asked.data} />}
          <FormPart {...part} schema={schemaOf(asked.schema)} proposed={undefined} />
        </>
      );
    case "authorization":
      return (
        <AuthorizationPart
          {...part}
          question={asked}
          scopeWords={props.scopeWords}
          onAuthorize={props.onAuthorize}
          onLater={props.onLater}
        />
      );
    default:
      return <ShownData label={words.shownData} data={props.question} />;
  }
}

/** What does not fit, each with its place: as the service writes it, or in words. */
function Misfits(props: {
  misfits: readonly { path: string; message: string }[];
  labels: NonNullable<FormContext["labels"]>;
  schema: JsonValue | undefined;
}) {
  const words = useWording();
  if (props.misfits.length === 0) return null;
  return (
    <div role="alert" className="hp-misfits">
      {props.labels === "titles" ? <p className="hp-strong">{words.misfits}</p> : null}
      <ul>
        {props.misfits.map(({ path, message }) => (
          <li key={`${path} ${message}`}>
            {props.labels === "names" ? (
              <>
                <span className="hp-fact">
                  <Unseen text={path} />
                </span>{" "}
                <Unseen text={message} isProse />
              </>
            ) : (
              <Unseen text={misfitInWords(path, message, props.schema)} isProse />
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}

function misfitInWords(path: string, message: string, schema: JsonValue | undefined): string {
  const place = path.replace(/^answer\.?/, "");
  const words = message.replace("NOT", "not").replace("<=", "at most").replace(">=", "at least");
  return place === "" ? `It ${words}.` : `${titleOf(place, schema) ?? inWords(place)}: ${words}.`;
}

/** The field as its label calls it. */
function titleOf(name: string, schema: JsonValue | undefined): string | undefined {
  const properties = isJsonObject(schema) ? schema["properties"] : undefined;
  const field = isJsonObject(properties) && Object.hasOwn(properties, name) ? properties[name] : undefined;
  const title = isJsonObject(field) ? field["title"] : undefined;
  return typeof title === "string" && title !== "" ? title : undefined;
}

function ShownData({ label, data }: { label: string; data: JsonValue }) {
  return (
    <div>
      <p className="hp-label">{label}</p>
      {isJsonObject(data) ? (
        <Facts values={data} />
      ) : (
        <div className="hp-fact">
          <FactValue value={data} />
        </div>
      )}
    </div>
  );
}

function schemaOf(schema: JsonValue | undefined): JsonObject | null {
  return isJsonObject(schema) ? schema : null;
}
