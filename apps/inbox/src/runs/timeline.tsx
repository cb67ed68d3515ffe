import { isJsonObject, type Run, type ToolCall } from "@holdpoint/protocol";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import {
  AgentMarkdown,
  ChangeList,
  FactValue,
  Facts,
  ModelText,
  PlainProse,
  Unseen,
  findChanges,
} from "@holdpoint/react";
import { Icon, type IconName } from "../ui/icon.tsx";
import { ClockTime } from "../ui/time.tsx";
import { HoldState, StateLine } from "../holds/state-line.tsx";
import { headlineFor } from "../holds/headline.ts";
import { lookOfCall, pathInWords } from "../words/run-words.ts";
import { costInWords, spanInWords, tokensInWords } from "../words/run-figures.ts";
import type { RunHold, Step, TimelineEntry } from "./timeline.ts";

/** What an operator can do with a call, and from a step on. */
export interface TimelineActions {
  onCall: (call: ToolCall, hold: RunHold | undefined) => ReactNode;
  onStep: (step: Step) => ReactNode;
}

export interface TimelineProps {
  entries: readonly TimelineEntry[];
  /** The hold on whose card this is. */
  ownHoldId?: string;
  actions?: TimelineActions | undefined;
}

/** Entries of a run on one line of time. */
export function Timeline({ entries, ...props }: TimelineProps) {
  return (
    <ol className="grid gap-0">
      {entries.map((entry) => (
        <TimelineItem key={entry.key} entry={entry} {...props} />
      ))}
    </ol>
  );
}

interface TimelineItemProps extends Omit<TimelineProps, "entries"> {
  entry: TimelineEntry;
}

function TimelineItem({ entry, ownHoldId, actions }: TimelineItemProps) {
  switch (entry.type) {
    case "step":
      return <StepHead step={entry.step}>{actions?.onStep(entry.step)}</StepHead>;
    case "told":
      return (
        <Item icon="person" at={entry.at}>
          <p className="label">
            <Unseen text={entry.note.by.name ?? entry.note.by.id} />, to the agent
            {entry.unheard === null ? null : ` · ${entry.unheard}`}
          </p>
          <PlainProse text={entry.note.text} />
        </Item>
      );
    case "said":
      return (
        <Item icon="message" at={entry.at}>
          <ModelText label="Written by the model">
            <AgentMarkdown text={entry.step.text} />
          </ModelText>
        </Item>
      );
    case "called": {
      const { call, hold } = entry;
      return (
        <Item icon="tool" at={entry.at}>
          <p className="flex flex-wrap items-center gap-x-3">
            <span className="fact font-semibold">
              <Unseen text={call.name} />
            </span>
            <StateLine look={lookOfCall(call)} />
            {call.childRunId === null ? null : (
              <Link to="/runs/$runId" params={{ runId: call.childRunId }} className="text-sm underline">
                Its run
              </Link>
            )}
            {hold === undefined ? null : hold.id === ownHoldId ? (
              <span className="text-sm text-quiet">this one</span>
            ) : (
              <Link to="/holds/$holdId" params={{ holdId: hold.id }} className="text-sm underline">
                {hold.status === "pending" ? "Decide" : "The hold"}
              </Link>
            )}
          </p>
          {/* On its own card the action stands above already, but not what it was before it was amended. */}
          {hold?.id === ownHoldId && ownHoldId !== undefined && call.steered === null ? null : (
            <CallFacts call={call} hold={hold} />
          )}
          <WhyThisWay call={call} hold={hold} />
          {actions?.onCall(call, hold)}
        </Item>
      );
    }
    case "asked":
      return (
        <Item icon="hold" at={entry.at}>
          <p className="flex flex-wrap items-center gap-x-3">
            <Link to="/holds/$holdId" params={{ holdId: entry.hold.id }} className="underline">
              <Unseen text={headlineFor(entry.hold)} />
            </Link>
            <HoldState hold={entry.hold} />
            {entry.hold.path === null ? null : (
              <span className="text-sm text-quiet">
                <Unseen text={pathInWords(entry.hold.path)} />
              </span>
            )}
            {entry.hold.id === ownHoldId ? <span className="text-sm text-quiet">this one</span> : null}
          </p>
          <SaidByReviewer hold={entry.hold} />
        </Item>
      );
    default:
      return (
        <Item icon="check" at={entry.at}>
          {entry.isEdited ? (
            <>
              <p className="label">The answer, as a reviewer corrected it</p>
              <PlainProse text={entry.text} />
            </>
          ) : (
            <ModelText label="The answer, written by the model">
              <AgentMarkdown text={entry.text} />
            </ModelText>
          )}
        </Item>
      );
  }
}

/** Where a turn of the model begins: which, how long it took, and what it used. */
function StepHead({ step, children }: { step: Step; children: ReactNode }) {
  const tookMs = step.endedAt === null ? undefined : Date.parse(step.endedAt) - Date.parse(step.startedAt);
  const figures = [
    tookMs === undefined ? undefined : spanInWords(tookMs),
    step.usage === null || step.usage.totalTokens === 0 ? undefined : tokensInWords(step.usage.totalTokens),
    step.cost === null ? undefined : costInWords(step.cost),
    step.status === "failed" ? "failed" : undefined,
  ].filter((figure) => figure !== undefined);
  return (
    <li className="relative pb-3 before:absolute before:top-0 before:bottom-0 before:left-3 before:border-l before:border-line">
      <div className="flex flex-wrap items-center gap-x-3 pl-9 text-sm text-quiet">
        <h2 className="font-semibold">Step {step.position}</h2>
        <span>{figures.join(" · ")}</span>
        {children}
      </div>
    </li>
  );
}

const STEERED: Record<NonNullable<ToolCall["steered"]>["action"], string> = {
  taken_over: "Taken over",
  withdrawn: "Withdrawn",
  amended: "Amended",
};

/** Why a call proceeded by itself, or a person was asked; and who stepped in. */
function WhyThisWay({ call, hold }: { call: ToolCall; hold: RunHold | undefined }) {
  const reasons = call.reasons ?? hold?.reasons ?? [];
  const { steered, reusedFrom } = call;
  return (
    <div className="mt-1 grid gap-0.5 text-sm text-quiet">
      {reasons.length === 0 ? null : (
        <p>
          {call.reasons === null ? "Held: " : "By itself: "}
          {reasons.map(({ rule, text }, index) => (
            <span key={`${rule} ${text}`}>
              {index === 0 ? "" : "; "}
              <Unseen text={text} /> (
              <span className="fact text-xs">
                <Unseen text={rule} />
              </span>
              )
            </span>
          ))}
        </p>
      )}
      {steered === null ? null : (
        <p>
          {STEERED[steered.action]} by <Unseen text={steered.by.name ?? steered.by.id} />:{" "}
          <Unseen text={steered.reason} isProse />
        </p>
      )}
      {reusedFrom === null ? null : (
        <p>
          Not executed again: its result is that of{" "}
          <Link to="/runs/$runId" params={{ runId: reusedFrom.runId }} className="underline hover:text-ink">
            the run before
          </Link>
          .
        </p>
      )}
    </div>
  );
}

/** The words with which a result was sent back, or its decision commented. */
function SaidByReviewer({ hold: { outcome } }: { hold: Run["holds"][number] }) {
  const answer = outcome?.answer ?? undefined;
  const guidance = isJsonObject(answer) ? answer["guidance"] : undefined;
  const words = typeof guidance === "string" ? guidance : (outcome?.comment ?? "");
  if (outcome === null || words === "") return null;
  return (
    <p className="mt-1">
      <Unseen text={outcome.by.name} />: <Unseen text={words} isProse />
    </p>
  );
}

/** What was proposed; what is asked about, or was approved, where that differs; what came of it. */
function CallFacts({ call, hold }: { call: ToolCall; hold: RunHold | undefined }) {
  const decided = hold?.outcome?.arguments ?? (call.steered === null ? undefined : hold?.action?.arguments);
  const changes =
    decided == null || !isJsonObject(call.arguments) ? [] : findChanges(call.arguments, decided);
  return (
    <div className="mt-1">
      {isJsonObject(call.arguments) ? (
        <Facts values={call.arguments} />
      ) : (
        <FactValue value={call.arguments} />
      )}
      {changes.length === 0 ? null : (
        <div className="mt-2">
          <p className="label">
            {hold?.outcome?.arguments == null || call.steered?.action === "amended"
              ? "Amended by an operator"
              : "Changed before approval"}
          </p>
          <ChangeList changes={changes} />
        </div>
      )}
      {call.result === null ? null : <Came label="Returned" value={JSON.stringify(call.result, null, 2)} />}
      {call.error === null ? null : <Came label="Failed with" value={JSON.stringify(call.error, null, 2)} />}
    </div>
  );
}

function Came({ label, value }: { label: string; value: string }) {
  const line = value.replaceAll(/\s+/g, " ");
  return (
    <details className="mt-1">
      <summary className="text-sm text-quiet">
        {label} <Unseen text={line.length > 60 ? `${line.slice(0, 60).toWellFormed()}…` : line} />
      </summary>
      <pre className="fact max-h-72 overflow-auto border-l-2 border-line pl-3" tabIndex={0}>
        <Unseen text={value} isProse />
      </pre>
    </details>
  );
}

function Item({ icon, at, children }: { icon: IconName; at: string | null; children: ReactNode }) {
  return (
    <li className="relative grid grid-cols-[1.5rem_1fr] gap-x-3 pb-4 before:absolute before:top-6 before:bottom-0 before:left-3 before:border-l before:border-line last:before:hidden">
      <span className="mt-0.5 flex h-5 w-6 items-center justify-center text-quiet">
        <Icon name={icon} />
      </span>
      <div className="min-w-0">
        {children}
        {at === null ? null : (
          <p className="mt-0.5 text-xs text-quiet">
            <ClockTime at={at} />
          </p>
        )}
      </div>
    </li>
  );
}
