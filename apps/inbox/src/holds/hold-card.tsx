import type { DecisionInput, HoldDetail } from "@holdpoint/protocol";
import { useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { flushSync } from "react-dom";
import { useGrant } from "../grants/use-grant.ts";
import { useKey } from "../keys/use-key.ts";
import type { NewGrant } from "../service/grant-queries.ts";
import { connection } from "../service/live.ts";
import { meQuery } from "../service/queries.ts";
import { useStore } from "../service/store.ts";
import { LatePart, latePart } from "../ui/late-part.tsx";
import { ProblemNotice } from "../ui/problem-notice.tsx";
import { moveFocus, useHeadingFocus } from "../shell/move-focus.ts";
import { ActionSection } from "./action-section.tsx";
import { CardHead } from "./card-head.tsx";
import { DeadlineSection } from "./deadline-section.tsx";
import { DecisionBar } from "./decision-bar.tsx";
import { EvidenceSection } from "./evidence-section.tsx";
import { GrantOffer, GrantPart, mayGrantAtOnce } from "./grant-offer.tsx";
import { ChangedNotice, LostRaceNotice, OutcomeNotice } from "./outcome-notice.tsx";
import { ReasonPanel } from "./reason-panel.tsx";
import { reasonAgainst } from "./rights.ts";
import { isTooWeak, StrengthNotice } from "./strength-notice.tsx";
import { useDecision, useDeferral, winnerOf } from "./use-decision.ts";
import { VotesSection } from "./votes-section.tsx";
import { WhySection } from "./why-section.tsx";

const editPanel = latePart(
  () => import("./edit-panel.tsx"),
  ({ EditPanel }) => EditPanel,
);
// Comes with the first card, before anybody can have pressed anything.
const confirmDialog = latePart(
  () => import("./confirm-dialog.tsx"),
  ({ ConfirmDialog }) => ConfirmDialog,
);
// Below the fold, and read anew anyhow.
const runSoFar = latePart(
  () => import("./run-so-far.tsx"),
  ({ RunSoFar }) => RunSoFar,
);
const questionPanel = latePart(
  () => import("./question-panel.tsx"),
  ({ QuestionPanel }) => QuestionPanel,
);

const READING = <p className="mt-6 text-quiet">Reading…</p>;

type Mode = "read" | "edit" | "reject" | "skip";

export interface HoldCardProps {
  hold: HoldDetail;
  /** False while it is being read again: what is shown may be old, so nothing is armed. */
  isFresh: boolean;
  readError: Error | null;
}

/**
 * One hold as its decider reads it, in the order of design: what is asked, the exact action, why, evidence and the run
 * so far, the deadline; and the bar that decides, which sends the hash of exactly the action above it (I8).
 */
export function HoldCard({ hold, isFresh, readError }: HoldCardProps) {
  const { data: me } = useQuery(meQuery);
  const isLive = useStore(connection) === "live";
  // What was begun on a pending hold ends with it.
  const isPending = hold.status === "pending";
  const [chosenMode, setMode] = useState<Mode>("read");
  const mode = isPending ? chosenMode : "read";
  const [hasDraft, setWriting] = useState(false);
  const isWriting = isPending && hasDraft;
  const isReading = mode === "read" && !isWriting;
  const [confirming, setConfirming] = useState<DecisionInput>();
  const [bar, setBar] = useState<HTMLElement | null>(null);
  const seen = useSeenVersion(hold, isFresh);
  const decision = useDecision(hold);
  const deferral = useDeferral(hold);
  const grant = useGrant();
  const [isGranting, setIsGranting] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);

  const against = reasonAgainst(hold, me);
  const isArmed = isPending && seen.isCurrent && against === undefined && !decision.isPending;
  const may = (verdict: DecisionInput["verdict"]) => isArmed && hold.allowedVerdicts.includes(verdict);
  const needsConfirmation = hold.action?.impact === "high" || hold.action?.reversibility === "irreversible";

  const send = (input: DecisionInput, andThen?: () => void) => {
    setConfirming(undefined);
    decision.mutate(input, {
      onSuccess: (decided) => {
        andThen?.();
        // What this person has done to it themselves is no news to them.
        seen.accept(decided.version);
        // The form goes first: a field that still has the focus would keep it, and take it along.
        flushSync(() => setMode("read"));
        moveFocus(heading.current);
      },
    });
  };
  const approve = (input: DecisionInput) => (needsConfirmation ? setConfirming(input) : send(input));
  const approveAsShown = () => approve(approvalOf(hold));
  const give = (input: NewGrant) => grant.mutate(input, { onSuccess: () => setIsGranting(false) });
  // The dialog repeats the facts, as the confirmation does; what is to stand is an approval first.
  const approveAndGive = (input: NewGrant) => {
    setIsGranting(false);
    send(approvalOf(hold), () => give(input));
  };

  useKey("approve", approveAsShown, may("approve") && isReading);
  // A result is edited where it stands, by its own panel.
  useKey("edit", () => setMode("edit"), may("modify") && hold.action !== null && isReading);
  useKey("reject", () => setMode("reject"), may("reject") && isReading);
  useKey("later", () => deferral.mutate(), isPending && me?.memberId != null && isReading);
  useKey("back", () => setMode("read"), mode !== "read");

  useHeadingFocus(heading, hold.id);

  const winner = winnerOf(decision.error);
  return (
    <article className="flex min-h-0 flex-1 flex-col" aria-labelledby="ask">
      <div className="min-h-0 flex-1 overflow-y-auto scroll-pb-24" data-testid="card">
        <div className="max-w-3xl px-4 pt-4 pb-8 md:px-8 md:pt-6">
          <CardHead hold={hold} headingRef={heading} />
          {winner === undefined ? null : <LostRaceNotice winner={winner} />}
          {isPending ? null : <OutcomeNotice hold={hold} me={me} />}
          <GrantOffer hold={hold} me={me} grant={grant} onOpen={() => setIsGranting(true)} />
          {/* News of this person's own vote may come before the answer to it: what changed is told once that is here. */}
          {isPending && seen.isChanged && !decision.isPending ? (
            <ChangedNotice onSeen={seen.acknowledge} />
          ) : null}
          {isTooWeak(decision.error) ? (
            <StrengthNotice strength={hold.strength} />
          ) : decision.isError && winner === undefined ? (
            <div className="mt-4">
              <ProblemNotice error={decision.error} />
            </div>
          ) : null}
          {deferral.isError ? <ProblemNotice error={deferral.error} /> : null}
          {readError !== null && isLive ? <ProblemNotice error={readError} /> : null}
          {mode === "edit" && bar !== null ? (
            <LatePart of={editPanel} fallback={READING} onClose={() => setMode("read")}>
              {(EditPanel) => (
                <EditPanel
                  hold={hold}
                  bar={bar}
                  isArmed={isArmed}
                  isBusy={decision.isPending}
                  error={decision.error}
                  onApprove={approve}
                  onCancel={() => setMode("read")}
                />
              )}
            </LatePart>
          ) : (
            <ActionSection hold={hold} />
          )}
          {hold.question === null ? null : (
            <LatePart of={questionPanel} fallback={READING}>
              {(QuestionPanel) => (
                <QuestionPanel
                  hold={hold}
                  isArmed={isArmed}
                  isBusy={decision.isPending}
                  error={decision.error}
                  onSend={(input) => send(input)}
                  onWriting={setWriting}
                />
              )}
            </LatePart>
          )}
          <VotesSection hold={hold} isArmed={isArmed} onAgree={approve} />
          <WhySection hold={hold} />
          <EvidenceSection hold={hold} />
          <LatePart of={runSoFar} isWanted={hold.runId !== null}>
            {(RunSoFar) => <RunSoFar hold={hold} />}
          </LatePart>
          {isPending ? <DeadlineSection hold={hold} /> : null}
        </div>
      </div>
      <footer className="shrink-0 border-t border-line bg-ground" ref={setBar}>
        {isReading ? (
          <DecisionBar
            hold={hold}
            me={me}
            isArmed={isArmed}
            against={isPending ? against : undefined}
            isConnected={isLive}
            busyVerdict={decision.isPending ? decision.variables.verdict : undefined}
            isDeferring={deferral.isPending}
            onApprove={approveAsShown}
            onMode={setMode}
            onLater={() => deferral.mutate()}
            onGrant={mayGrantAtOnce(hold) ? () => setIsGranting(true) : undefined}
          />
        ) : null}
        {mode === "reject" || mode === "skip" ? (
          <ReasonPanel
            key={mode}
            hold={hold}
            verdict={mode}
            isArmed={isArmed}
            isBusy={decision.isPending}
            onSend={(input) => send(input)}
            onCancel={() => setMode("read")}
          />
        ) : null}
      </footer>
      <LatePart
        of={confirmDialog}
        isWanted={isPending && confirming !== undefined}
        place="floating"
        onClose={() => setConfirming(undefined)}
      >
        {(ConfirmDialog) => (
          <ConfirmDialog
            hold={hold}
            me={me}
            input={isPending ? confirming : undefined}
            isArmed={isArmed}
            onConfirm={(input) => send(input)}
            onCancel={() => setConfirming(undefined)}
          />
        )}
      </LatePart>
      <GrantPart
        hold={hold}
        isOpen={isGranting}
        isApproving={isPending}
        isArmed={isPending ? isArmed : !grant.isPending}
        grant={grant}
        onGrant={isPending ? approveAndGive : give}
        onOpen={setIsGranting}
      />
    </article>
  );
}

/** The hash is that of the action on the screen, so that nothing else can be approved by it. */
function approvalOf(hold: HoldDetail): DecisionInput {
  return { verdict: "approve", ...(hold.action === null ? {} : { actionHash: hold.action.hash }) };
}

/**
 * Which version of the hold the person has looked at. The first that is known to be current counts as looked at; any
 * later one is told and must be acknowledged before a key acts again (defect 6).
 */
function useSeenVersion(hold: HoldDetail, isFresh: boolean) {
  const [version, setVersion] = useState<number>();
  if (isFresh && version === undefined) setVersion(hold.version);
  return {
    isCurrent: version === hold.version,
    isChanged: version !== undefined && version !== hold.version,
    acknowledge: () => setVersion(hold.version),
    accept: setVersion,
  };
}
