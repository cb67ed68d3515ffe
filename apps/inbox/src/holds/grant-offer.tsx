import type { HoldDetail, Me } from "@holdpoint/protocol";
import { Link } from "@tanstack/react-router";
import type { useGrant } from "../grants/use-grant.ts";
import type { NewGrant } from "../service/grant-queries.ts";
import { Button } from "../ui/button.tsx";
import { Icon } from "../ui/icon.tsx";
import { LatePart, latePart } from "../ui/late-part.tsx";
import { ProblemNotice } from "../ui/problem-notice.tsx";

const grantDialog = latePart(
  () => import("../grants/grant-dialog.tsx"),
  ({ GrantDialog }) => GrantDialog,
);

/** Whether a decision on it may be made to stand in the same breath: where one person decides. */
export function mayGrantAtOnce(hold: HoldDetail): boolean {
  return hold.mayGrant && hold.quorum.required === 1 && hold.allowedVerdicts.includes("approve");
}

export interface GrantPartProps {
  hold: HoldDetail;
  isOpen: boolean;
  isArmed: boolean;
  isApproving: boolean;
  grant: ReturnType<typeof useGrant>;
  onGrant: (grant: NewGrant) => void;
  onOpen: (isOpen: boolean) => void;
}

/** The dialog, fetched when it is wanted. */
export function GrantPart({ grant, onOpen, isOpen, ...props }: GrantPartProps) {
  if (!isOpen) return null;
  return (
    <LatePart of={grantDialog} place="floating" onClose={() => onOpen(false)}>
      {(GrantDialog) => (
        <GrantDialog
          {...props}
          isOpen
          isBusy={grant.isPending}
          error={props.isApproving ? null : grant.error}
          onClose={() => onOpen(false)}
        />
      )}
    </LatePart>
  );
}

/** After an approval that may stand: offered to whoever gave it, or told that it stands. Said once the service said it. */
export function GrantOffer(props: {
  hold: HoldDetail;
  me: Me | undefined;
  grant: ReturnType<typeof useGrant>;
  onOpen: () => void;
}) {
  const { hold, me, grant } = props;
  const isApproved = hold.status === "approved" || hold.status === "modified";
  if (!hold.mayGrant || !isApproved || hold.outcome?.by.id !== me?.memberId) return null;
  if (grant.isSuccess) {
    return (
      <p className="mt-3 flex items-start gap-1.5" data-testid="granted">
        <Icon name="check" className="mt-[3px]" />
        <span>
          Allowed from now on.{" "}
          <Link to="/policy" search={{ tab: "grants" }} className="underline">
            All grants
          </Link>
        </span>
      </p>
    );
  }
  return (
    <div className="mt-3">
      {grant.isError ? (
        <div className="mb-2">
          <p className="font-semibold">It was approved, but no grant was made.</p>
          <ProblemNotice error={grant.error} />
        </div>
      ) : null}
      <Button isBusy={grant.isPending} onPress={props.onOpen}>
        Always allow…
      </Button>
    </div>
  );
}
