import { isJsonObject, type JsonObject, type JsonValue, type OwnQuestion } from "@holdpoint/protocol";
import { inWords } from "../form/draft-field.tsx";
import { readForm } from "../form/draft.ts";
import type { Field } from "../form/schema.ts";
import { FactValue } from "../text/facts.tsx";
import { Icon } from "../text/icon.tsx";
import { PlainProse } from "../text/model-text.tsx";
import { AgoTime } from "../text/time.tsx";
import { Unseen } from "../text/unseen-text.tsx";
import { readAsked, type Asked } from "./asked.ts";
import { answerInWords, endInWords } from "./wording-of-outcome.ts";
import { useWording } from "./wording.ts";

/** How it ended, and what was answered. */
export function Settled({ question }: { question: OwnQuestion }) {
  const words = useWording();
  const { answer, status } = question;
  const asker = question.agentName ?? question.agentId;
  const isYes = status === "answered" || status === "approved";
  return (
    <div className="hp-outcome">
      <Icon name={isYes ? "check" : status === "expired" ? "clock" : "cross"} />
      <div>
        <p>
          <span className="hp-strong">{endInWords(question)}</span>{" "}
          <span className="hp-quiet">
            {question.decidedAt === null ? null : <AgoTime at={question.decidedAt} />}
            {asker === null ? null : (
              <>
                {" · "}
                {words.askedBy} <Unseen text={asker} />
              </>
            )}
          </span>
        </p>
        {isYes && answer !== null && question.kind !== "authorization" ? (
          <Answer asked={readAsked(question.question)} answer={answer} />
        ) : null}
      </div>
    </div>
  );
}

function Answer({ asked, answer }: { asked: Asked | undefined; answer: JsonValue }) {
  const words = useWording();
  const said = answerInWords(asked, answer, words);
  if (said !== undefined) return <PlainProse text={said} />;
  const schema = asked !== undefined && "schema" in asked ? asked.schema : undefined;
  return isJsonObject(answer) ? (
    <Fields answer={answer} field={readForm(schema ?? null, answer)} />
  ) : (
    <div className="hp-fact">
      <FactValue value={answer} />
    </div>
  );
}

/** A form as it was filled in, under the labels that it had. */
function Fields({ answer, field }: { answer: JsonObject; field: Field }) {
  const shapes = field.shape.kind === "object" ? field.shape.fields : [];
  return (
    <dl className="hp-given">
      {Object.entries(answer).map(([name, value]) => {
        const inner = shapes.find((shape) => shape.name === name)?.field;
        return (
          <div key={name}>
            <dt>
              <Unseen text={inner?.title ?? inWords(name)} />
            </dt>
            <dd>
              <Value field={inner} value={value} />
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

function Value({ field, value }: { field: Field | undefined; value: JsonValue }) {
  const words = useWording();
  if (typeof value === "boolean") return value ? words.yes : words.no;
  if (field?.shape.kind === "choice") {
    const title = field.shape.titles?.[field.shape.values.indexOf(value)];
    if (title !== undefined) return <Unseen text={title} />;
  }
  if (typeof value === "string" || typeof value === "number") return <Unseen text={String(value)} isProse />;
  return (
    <span className="hp-fact">
      <FactValue value={value} />
    </span>
  );
}
