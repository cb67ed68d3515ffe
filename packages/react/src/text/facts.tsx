import { isJsonObject, type JsonObject, type JsonValue } from "@holdpoint/protocol";
import { Unseen } from "./unseen-text.tsx";

/** Arguments of an action, one below the other, whole: what is shown is what is executed, so nothing is cut. */
export function Facts({ values }: { values: JsonObject }) {
  const names = Object.keys(values);
  if (names.length === 0) return <p className="hp-quiet">No arguments.</p>;
  return (
    <dl className="hp-facts">
      {names.map((name) => (
        <div key={name} className="hp-facts-row">
          <dt className="hp-fact hp-quiet">
            <Unseen text={name} />
          </dt>
          <dd className="hp-fact">
            <FactValue value={values[name] as JsonValue} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** A value of JSON, exactly: a text of several lines as lines, everything else as JSON. */
export function FactValue({ value }: { value: JsonValue }) {
  if (typeof value === "string") return <TextFact text={value} />;
  if (Array.isArray(value) || isJsonObject(value))
    return <Unseen text={JSON.stringify(value, null, 2)} isProse />;
  return <span className="hp-strong">{String(value)}</span>;
}

/** Quoted where it could be taken for something else, or where its ends cannot be seen. */
const NEEDS_QUOTES = /^(|true|false|null|-?[\d.]+(e[+-]?\d+)?|\s.*|.*\s|".*")$/is;

function TextFact({ text }: { text: string }) {
  if (!text.includes("\n") && NEEDS_QUOTES.test(text)) return <Unseen text={JSON.stringify(text)} />;
  return text.split("\n").map((line, index) => (
    <span key={index} className="hp-line">
      <Unseen text={line} />
    </span>
  ));
}

/** One value on one line, as JSON: for differences, where `"50"` must not look like `50`. */
export function InlineFact({ value }: { value: JsonValue | undefined }) {
  return <Unseen text={value === undefined ? "(absent)" : JSON.stringify(value)} />;
}
