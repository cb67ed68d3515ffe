import { isJsonObject, type HoldDetail, type JsonValue, type Me } from "@holdpoint/protocol";
import { Link, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { InlineFact, ModelText, Unseen } from "@holdpoint/react";
import { connection } from "../service/live.ts";
import { useStore } from "../service/store.ts";
import { Button } from "../ui/button.tsx";
import { Icon, type IconName } from "../ui/icon.tsx";
import { Ago } from "../ui/time.tsx";
import { isDoubt, PAST, pastOf, VIA } from "../words/hold-words.ts";
import { HoldState } from "./state-line.tsx";
import type { Winner } from "./use-decision.ts";

/** Somebody was faster: who, with what, when (I3). */
export function LostRaceNotice({ winner }: { winner: Winner }) {
  return (
    <Notice icon="warning" isUrgent>
      <p className="font-semibold">
        <Unseen text={winner.name} /> {PAST[winner.status]}{" "}
        {winner.decidedAt === null ? "before you" : <Ago at={winner.decidedAt} />}.
      </p>
      <p>What you sent did not count.</p>
    </Notice>
  );
}

/** It became another while it was open: nothing acts on it until it was looked at again. */
export function ChangedNotice({ onSeen }: { onSeen: () => void }) {
  return (
    <Notice icon="warning" isUrgent>
      <p className="font-semibold">This changed while it was open.</p>
      <p>Look at it again; until then nothing here decides.</p>
      <Button className="mt-2" onPress={onSeen}>
        I have looked at it again
      </Button>
    </Notice>
  );
}

/** How it ended, by whom, and how far the execution of what was released has come. */
export function OutcomeNotice({ hold, me }: { hold: HoldDetail; me: Me | undefined }) {
  const { outcome, status } = hold;
  const search = useSearch({ from: "/desk" });
  const isLive = useStore(connection) === "live";
  if (status === "pending") return null;
  const isMine = outcome !== null && outcome.by.id === me?.memberId;
  return (
    <Notice icon="check">
      <p className="font-semibold" data-testid="fulfilment">
        <HoldState hold={hold} />
      </p>
      {isLive ? null : <p className="font-semibold">Not connected: what you see may be old.</p>}
      <p>
        {outcome === null || status === "expired" ? (
          <>
            Nobody decided in time
            {hold.decidedAt === null ? null : (
              <>
                : it expired <Ago at={hold.decidedAt} />
              </>
            )}
            .
          </>
        ) : (
          <>
            {isMine ? "You" : <Unseen text={outcome.by.name} />} {pastOf(hold, status)}{" "}
            {hold.decidedAt === null ? null : <Ago at={hold.decidedAt} />}
            <span className="text-quiet"> {VIA[outcome.by.via] ?? `by ${outcome.by.via}`}</span>.
            {outcome.selfDecided ? " The same person had asked for it." : null}
          </>
        )}
      </p>
      {outcome?.comment == null || outcome.comment === "" ? null : (
        <p className="mt-1">
          {isDoubt(hold) ? "Comment:" : "Reason, as the agent reads it:"}{" "}
          <Unseen text={outcome.comment} isProse />
        </p>
      )}
      {outcome?.answer == null ? null : <AnswerGiven answer={outcome.answer} />}
      {hold.execution === null ? null : (
        <div className="mt-2">
          <ModelText label={hold.fulfilment === "executed" ? "What the tool returned" : "What the tool said"}>
            <pre className="fact max-h-60 overflow-auto" tabIndex={0}>
              <Unseen text={JSON.stringify(reportedBy(hold.execution), null, 2)} isProse />
            </pre>
          </ModelText>
        </div>
      )}
      <p className="mt-2">
        <Link to="/inbox" search={search} className="underline">
          Back to the list
        </Link>
      </p>
    </Notice>
  );
}

/** A word to the agent as prose; any other answer as the fact that it is. */
function AnswerGiven({ answer }: { answer: JsonValue }) {
  const guidance = isJsonObject(answer) ? answer["guidance"] : undefined;
  if (typeof guidance === "string")
    return (
      <p className="mt-1">
        What the agent reads: <Unseen text={guidance} isProse />
      </p>
    );
  return (
    <p className="fact mt-1">
      <InlineFact value={answer} />
    </p>
  );
}

/** The result or the error itself, without the member that says which of the two it is. */
function reportedBy(execution: JsonValue): JsonValue {
  if (!isJsonObject(execution)) return execution;
  const values = Object.values(execution);
  return values.length === 1 ? (values[0] ?? null) : execution;
}

function Notice(props: { icon: IconName; isUrgent?: boolean; children: ReactNode }) {
  return (
    <div
      role={props.isUrgent === true ? "alert" : undefined}
      className="mt-4 flex gap-3 border-l-2 border-ink bg-sunken px-3 py-2.5"
    >
      {props.isUrgent === true ? <Icon name={props.icon} className="mt-[3px]" /> : null}
      <div className="min-w-0">{props.children}</div>
    </div>
  );
}
