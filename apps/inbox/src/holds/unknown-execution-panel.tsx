import { isJsonObject, type HoldDetail, type JsonObject, type JsonValue } from "@holdpoint/protocol";
import { Link } from "@tanstack/react-router";
import { useId, useState } from "react";
import { Facts, Unseen, useDraftText } from "@holdpoint/react";
import { Button } from "../ui/button.tsx";
import { ClockTime } from "../ui/time.tsx";
import { effectOf } from "../words/effect.ts";

/** What a person can find, in their words, and what each does. */
const FINDINGS = {
  succeeded: { label: "It was executed", effect: "The agent goes on as after a success." },
  failed: {
    label: "It was not executed, or it failed",
    effect: "The agent is told so, and does not take it for done.",
  },
  retry: {
    label: "Run it again",
    effect:
      "The same action starts once more, under the approval that it has. A second execution must do no harm.",
  },
} as const;
type Finding = keyof typeof FINDINGS;
const FINDING_NAMES = Object.keys(FINDINGS) as Finding[];

export interface UnknownExecutionPanelProps {
  hold: HoldDetail;
  data: JsonObject;
  isArmed: boolean;
  isBusy: boolean;
  onAnswer: (answer: JsonValue) => void;
}

/** True for the service's own question about a call that was cut off; whoever asks over the API cannot make one. */
export function isUnknownExecution({ kind, toolCallId, question }: HoldDetail): boolean {
  return kind === "escalation" && toolCallId !== null && question?.["name"] === "unknown_execution";
}

/** An action that started and whose end nobody saw: only a person who looks can say what became of it (I2). */
export function UnknownExecutionPanel(props: UnknownExecutionPanelProps) {
  const { hold, data, isArmed, isBusy } = props;
  const id = useId();
  const [finding, setFinding] = useState<Finding>();
  const [words, setWords] = useDraftText(`finding:${hold.id}`);
  const action = { name: textOf(data["tool"]) ?? "", arguments: objectOf(data["arguments"]) };
  const startedAt = textOf(data["startedAt"]);
  const about = textOf(data["holdId"]);
  const send = () => {
    if (finding === undefined || !isArmed || isBusy) return;
    const result = words.trim();
    const hasWords = result !== "" && finding !== "retry";
    props.onAnswer({ executed: finding, ...(hasWords ? { result } : {}) });
  };
  return (
    <>
      <p className="fact mb-1 font-semibold">
        <Unseen text={action.name} />
      </p>
      <Facts values={action.arguments} />
      <p className="mt-2 text-sm text-quiet">
        {startedAt === undefined ? null : (
          <>
            Started <ClockTime at={startedAt} />
          </>
        )}
        {about === undefined ? null : (
          <>
            {" · "}
            <Link to="/holds/$holdId" params={{ holdId: about }} className="underline hover:text-ink">
              its approval
            </Link>
          </>
        )}
      </p>
      {hold.status === "pending" ? (
        <form
          className="mt-4"
          onSubmit={(event) => {
            event.preventDefault();
            send();
          }}
        >
          <fieldset className="grid gap-1">
            <legend className="mb-1 font-semibold">What became of it?</legend>
            {FINDING_NAMES.map((name) => (
              <label key={name} className="flex min-h-9 items-start gap-2.5 border-b border-line py-1.5">
                <input
                  type="radio"
                  name={id}
                  className="mt-0.5 size-4 accent-ink"
                  checked={finding === name}
                  onChange={() => setFinding(name)}
                />
                <span>
                  {FINDINGS[name].label}
                  <span className="block text-sm text-quiet">{FINDINGS[name].effect}</span>
                </span>
              </label>
            ))}
          </fieldset>
          {finding === undefined || finding === "retry" ? null : (
            <label className="mt-3 block">
              <span className="font-semibold">What the agent should know, if anything</span>
              <textarea
                rows={2}
                maxLength={4_000}
                value={words}
                onChange={(event) => setWords(event.target.value)}
                className="field mt-1.5"
              />
            </label>
          )}
          <Button
            type="submit"
            kind={finding === "retry" ? "final" : "main"}
            className="mt-3"
            isDisabled={!isArmed || finding === undefined}
            isBusy={isBusy}
          >
            {finding === "retry" ? `Run again: ${effectOf(action)}` : buttonOf(finding)}
          </Button>
        </form>
      ) : null}
    </>
  );
}

function buttonOf(finding: "succeeded" | "failed" | undefined): string {
  if (finding === undefined) return "Record it";
  return finding === "succeeded" ? "Record it as executed" : "Record it as not executed";
}

function textOf(value: JsonValue | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function objectOf(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}
