import type { PolicyInput } from "@holdpoint/protocol";
import { useQuery } from "@tanstack/react-query";
import { Unseen } from "@holdpoint/react";
import { formatDuration } from "@holdpoint/react/words";
import { rotationsQuery } from "../service/policy-queries.ts";

/** Each rotation: who is on call now, until when, and who comes next. */
export function OnCall({ rotations }: { rotations: NonNullable<PolicyInput["rotations"]> }) {
  const { data } = useQuery(rotationsQuery);
  return (
    <ul className="grid gap-2">
      {Object.entries(rotations).map(([name, rotation]) => {
        const view = data?.find((entry) => entry.name === name);
        return (
          <li key={name}>
            <p>
              <span className="font-semibold">
                <Unseen text={name} />
              </span>
              {view === undefined ? null : view.onCall === null ? (
                ": nobody before the first turn"
              ) : (
                <>
                  : <Unseen text={view.onCall} />
                </>
              )}
            </p>
            <p className="text-sm text-quiet">
              <Unseen text={rotation.people.join(", ")} />,{" "}
              {formatDuration((rotation.turnDays ?? 7) * 86_400_000)} each, handed over at{" "}
              {rotation.handoverAt ?? "09:00"} {rotation.timeZone}
              {view?.next == null ? null : (
                <>
                  ; next <Unseen text={view.next} />
                </>
              )}
            </p>
          </li>
        );
      })}
    </ul>
  );
}
