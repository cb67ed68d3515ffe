import type { HoldDetail, Me, Verdict } from "@holdpoint/protocol";
import { useId } from "react";
import { Button } from "../ui/button.tsx";
import { pressOf } from "../words/effect.ts";
import { ASKED_FOR } from "./strength-notice.tsx";
import { approveInWords, missingAfterMine, votesOf } from "./votes.ts";

export interface DecisionBarProps {
  hold: HoldDetail;
  me: Me | undefined;
  isArmed: boolean;
  /** Why this person may not decide. */
  against: string | undefined;
  isConnected: boolean;
  busyVerdict: Verdict | undefined;
  isDeferring: boolean;
  onApprove: () => void;
  onMode: (mode: "edit" | "reject" | "skip") => void;
  onLater: () => void;
  /** Opens what would be allowed from now on; absent where that is not to be had. */
  onGrant: (() => void) | undefined;
}

/** The bar: its main button names the effect. Nothing of it is left once the hold is decided (defect 25). */
export function DecisionBar(props: DecisionBarProps) {
  const { hold, isArmed, against, busyVerdict } = props;
  const reasonId = useId();
  if (hold.status !== "pending") return null;
  const offers = (verdict: Verdict) => hold.allowedVerdicts.includes(verdict);
  const described = against === undefined ? {} : { reasonId };
  return (
    <div className="max-w-3xl px-4 py-3 md:px-8">
      {against === undefined ? null : (
        <p id={reasonId} className="mb-2 text-sm text-quiet">
          {against}
        </p>
      )}
      {against !== undefined || ASKED_FOR[hold.strength] === undefined ? null : (
        <p className="mb-2 text-sm text-quiet">{ASKED_FOR[hold.strength]}</p>
      )}
      {against === undefined && hold.requester === props.me?.memberId ? (
        <p className="mb-2 text-sm text-quiet">
          You asked for this, or changed it: somebody else decides, unless you did it with a key of yours.
        </p>
      ) : null}
      {votesOf(hold).some(({ by }) => by.id === props.me?.memberId) ? (
        <p className="mb-2 text-sm">
          You have voted; others still have to. A new vote of yours takes the place of the old.
        </p>
      ) : null}
      {props.isConnected ? null : (
        <p className="mb-2 text-sm font-semibold">Not connected: what you see may be old.</p>
      )}
      <div className="flex flex-wrap items-center gap-2" role="group" aria-label="Decide">
        {offers("approve") ? (
          <Button
            kind={hold.action?.reversibility === "irreversible" ? "final" : "main"}
            shortcut="approve"
            className="max-md:w-full max-md:min-h-11"
            isDisabled={!isArmed}
            isBusy={busyVerdict === "approve" || busyVerdict === "modify"}
            {...described}
            onPress={props.onApprove}
          >
            {busyVerdict === "approve" || busyVerdict === "modify"
              ? "Approving…"
              : approveLabel(hold, props.me)}
          </Button>
        ) : null}
        {offers("modify") && hold.action !== null ? (
          <Button shortcut="edit" isDisabled={!isArmed} {...described} onPress={() => props.onMode("edit")}>
            Edit
          </Button>
        ) : null}
        {offers("reject") ? (
          <Button
            shortcut="reject"
            isDisabled={!isArmed}
            isBusy={busyVerdict === "reject"}
            {...described}
            onPress={() => props.onMode("reject")}
          >
            Reject
          </Button>
        ) : null}
        {offers("skip") ? (
          <Button
            isDisabled={!isArmed}
            isBusy={busyVerdict === "skip"}
            {...described}
            onPress={() => props.onMode("skip")}
          >
            Skip
          </Button>
        ) : null}
        {props.onGrant === undefined ? null : (
          <Button kind="bare" isDisabled={!isArmed} {...described} onPress={props.onGrant}>
            Always allow…
          </Button>
        )}
        <Button
          kind="bare"
          shortcut="later"
          className="md:ml-auto"
          isBusy={props.isDeferring}
          onPress={props.onLater}
        >
          {hold.deferredAt === null ? "Not now" : "Take up again"}
        </Button>
      </div>
    </div>
  );
}

/**
 * From stored facts only: `Approve and delete 50 records`. Where others must say yes besides, it does not promise what
 * one press does not do: `Approve as 1 of 2: delete 50 records`.
 */
export function approveLabel(hold: HoldDetail, me: Me | undefined): string {
  if (hold.action === null) return "Accept the result";
  const missing = missingAfterMine(hold, me);
  return pressOf(approveInWords(hold, missing), hold.action, { isEnough: missing === 0 });
}
