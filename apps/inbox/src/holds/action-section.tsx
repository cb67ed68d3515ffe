import { isJsonObject, type HoldDetail, type JsonValue } from "@holdpoint/protocol";
import { useId, useState } from "react";
import { ChangeList, Facts, FactValue, ModelText, PlainProse, Unseen, findChanges } from "@holdpoint/react";
import { useAriaKeys, KeyHint } from "../keys/key-hint.tsx";
import { useKey } from "../keys/use-key.ts";
import { CopyButton } from "../ui/copy-button.tsx";
import { isDefaultTitle } from "../words/effect.ts";
import { Section } from "./section.tsx";

/** The exact action, and its raw form one key away. Then, marked as such, what the asker says about it. */
export function ActionSection({ hold }: { hold: HoldDetail }) {
  const { action } = hold;
  if (action === null) return <AskerWords hold={hold} />;
  const changes =
    hold.outcome?.arguments == null ? [] : findChanges(action.arguments, hold.outcome.arguments);
  return (
    <>
      <Action action={action} isChanged={changes.length > 0} />
      {changes.length === 0 ? null : (
        <Section title="Changed before approval">
          <ChangeList changes={changes} />
        </Section>
      )}
      <AskerWords hold={hold} />
    </>
  );
}

function Action(props: { action: NonNullable<HoldDetail["action"]>; isChanged: boolean }) {
  const { action } = props;
  const [isRaw, setIsRaw] = useState(false);
  const toggle = () => setIsRaw((raw) => !raw);
  useKey("raw", toggle);
  const aria = useAriaKeys("raw");
  const raw = JSON.stringify({ name: action.name, arguments: action.arguments }, null, 2);
  return (
    <Section
      title={props.isChanged ? "The action, as it was proposed" : "The action"}
      aside={
        <button
          type="button"
          aria-pressed={isRaw}
          onClick={toggle}
          className="inline-flex min-h-6 items-center gap-1 rounded-control px-1.5 text-sm text-quiet hover:bg-sunken hover:text-ink"
          {...aria}
        >
          {isRaw ? "As a table" : "Raw"} <KeyHint name="raw" />
        </button>
      }
    >
      <p className="fact mb-1 font-semibold">
        <Unseen text={action.name} />
      </p>
      {isRaw ? (
        <>
          <pre className="fact border-l-2 border-line pl-3">
            <Unseen text={raw} isProse />
          </pre>
          <p className="mt-2 flex items-center text-sm text-quiet">
            <span className="fact text-xs">{action.hash}</span>
            <CopyButton text={raw} what="the action as JSON" />
          </p>
        </>
      ) : (
        <Facts values={action.arguments} />
      )}
    </Section>
  );
}

/** Whose words these are. Holds of runs are written by the service: out of its config, or by itself. */
function authorOf({ toolCallId, action }: HoldDetail): string {
  if (toolCallId === null) return "In the asker's words";
  return action === null ? "The service says" : "As the tool describes it";
}

/**
 * Title, summary and details are a claim, never a fact (I13): of whoever asked, or of the tool itself, whose words for
 * a call of a run stand in the config of this service.
 */
function AskerWords({ hold }: { hold: HoldDetail }) {
  const isClaim = hold.action !== null && !isDefaultTitle(hold.title, hold.action);
  if (!isClaim && hold.summary === null && hold.details === null) return null;
  return (
    <div className="mt-4">
      <ModelText label={authorOf(hold)}>
        {isClaim ? (
          <p className="font-medium">
            <Unseen text={hold.title} />
          </p>
        ) : null}
        {hold.summary === null ? null : <PlainProse text={hold.summary} />}
        {hold.details === null ? null : <Details details={hold.details} />}
      </ModelText>
    </div>
  );
}

/** Text as text, else as JSON; what could be done instead, where the asker names it (approvals of Amorce do), as facts are shown. */
function Details({ details }: { details: JsonValue }) {
  if (typeof details === "string") return <PlainProse text={details} />;
  const { alternatives, ...rest } = isJsonObject(details) ? details : {};
  const offered = Array.isArray(alternatives) ? alternatives : [];
  const others = offered.length === 0 ? details : rest;
  return (
    <>
      {isJsonObject(others) && Object.keys(others).length === 0 ? null : (
        <pre className="fact">
          <Unseen text={JSON.stringify(others, null, 2)} isProse />
        </pre>
      )}
      {offered.length === 0 ? null : <Alternatives offered={offered} />}
    </>
  );
}

function Alternatives({ offered }: { offered: readonly JsonValue[] }) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="mt-3">
      <h4 id={id} className="label">
        Alternatives
      </h4>
      <ol aria-labelledby={id} className="mt-1 grid list-decimal gap-3 pl-6">
        {offered.map((alternative, index) => (
          <li key={index}>
            {isJsonObject(alternative) ? (
              <Facts values={alternative} />
            ) : (
              <p className="fact">
                <FactValue value={alternative} />
              </p>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}
