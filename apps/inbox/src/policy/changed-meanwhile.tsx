import type { PolicyInForce } from "@holdpoint/protocol";
import { useQuery } from "@tanstack/react-query";
import { Unseen } from "@holdpoint/react";
import { policyVersionQuery } from "../service/policy-queries.ts";
import { Button } from "../ui/button.tsx";
import { Icon } from "../ui/icon.tsx";
import { Ago } from "../ui/time.tsx";
import { LineDiffView } from "./line-diff-view.tsx";
import { printPolicy, type PolicyDraft } from "./policy-draft.ts";

/** Somebody else changed it first: who, when, why and what, and what can be done with one's own draft. */
export function ChangedMeanwhile({ policy, draft }: { policy: PolicyInForce; draft: PolicyDraft }) {
  const base = useQuery(policyVersionQuery(draft.base));
  return (
    <div role="alert" className="mt-4 flex gap-3 border-l-2 border-ink bg-sunken px-3 py-2.5">
      <Icon name="warning" className="mt-[3px]" />
      <div className="min-w-0 flex-1">
        <p className="font-semibold">
          <Unseen text={policy.createdBy ?? "The config file"} /> changed the policy
          {policy.createdAt === null ? null : (
            <>
              {" "}
              <Ago at={policy.createdAt} />
            </>
          )}
          : it is at version {policy.version}, and your draft was begun from version {draft.base}.
        </p>
        {policy.comment === null || policy.comment === "" ? null : (
          <p>
            “<Unseen text={policy.comment} isProse />”
          </p>
        )}
        {base.data === undefined ? null : (
          <div className="mt-2">
            <p className="label mb-1">What they changed</p>
            <LineDiffView
              label="What they changed"
              before={printPolicy(base.data.document)}
              after={printPolicy(policy.document)}
            />
          </div>
        )}
        <div className="mt-3 flex flex-wrap gap-2">
          <Button onPress={() => draft.rebase(policy.version)}>
            I have taken their change into my draft
          </Button>
          <Button onPress={draft.drop}>Give up my draft</Button>
        </div>
      </div>
    </div>
  );
}
