import type { HoldDetail } from "@holdpoint/protocol";
import { Unseen } from "@holdpoint/react";
import { useEndUser } from "./use-end-user.ts";

/** Whose answer is wanted, where it is an end user's: whoever decides here speaks for them. */
export function AskedOf({ hold }: { hold: HoldDetail }) {
  const name = useEndUser(hold.endUserId);
  if (hold.endUserId === null || hold.kind !== "clarification") return null;
  return (
    <p className="mb-3">
      Asked of the end user{" "}
      <span className="font-semibold">
        <Unseen text={name ?? hold.endUserId} />
      </span>
      {name === undefined ? null : (
        <>
          {" "}
          (<Unseen text={hold.endUserId} />)
        </>
      )}
      {hold.allowedVerdicts.includes("answer") ? "; you may answer for them." : "."}
    </p>
  );
}
