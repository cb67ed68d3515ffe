import { Unseen } from "@holdpoint/react";
import { tellProblem } from "../service/problem.ts";
import { Button } from "./button.tsx";
import { Icon } from "./icon.tsx";

/** What went wrong, what to do, and the id under which the server's log has it. */
export function ProblemNotice({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { title, detail, requestId } = tellProblem(error);
  return (
    <div role="alert" className="flex gap-3 border-l-2 border-ink py-1 pl-3">
      <Icon name="warning" className="mt-0.5" />
      <div className="min-w-0">
        <p className="font-semibold">{title}</p>
        <p>
          <Unseen text={detail} isProse />
        </p>
        {requestId === undefined ? null : (
          <p className="text-sm text-quiet">
            Request <span className="fact">{requestId}</span>
          </p>
        )}
        {onRetry === undefined ? null : (
          <Button className="mt-2" onPress={onRetry}>
            Try again
          </Button>
        )}
      </div>
    </div>
  );
}
