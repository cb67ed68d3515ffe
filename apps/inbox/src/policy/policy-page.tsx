import type { PolicyInForce, PolicyInput } from "@holdpoint/protocol";
import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useRef } from "react";
import { Unseen } from "@holdpoint/react";
import { GrantList } from "../grants/grant-list.tsx";
import { policyQuery } from "../service/policy-queries.ts";
import { useHeadingFocus } from "../shell/move-focus.ts";
import { ProblemNotice } from "../ui/problem-notice.tsx";
import { Ago } from "../ui/time.tsx";
import { ExplainBox } from "./explain-box.tsx";
import { FindingList } from "./finding-list.tsx";
import { PolicyEditor } from "./policy-editor.tsx";
import { POLICY_TABS, type PolicySearch, type PolicyTab } from "./policy-search.ts";
import { PolicySettings } from "./policy-settings.tsx";
import { RuleList } from "./rule-list.tsx";
import { Trial } from "./trial.tsx";
import { VersionList } from "./version-list.tsx";

/** The policy: what is in force, why it decides as it does, what another would do, and every version there was. */
export function PolicyPage() {
  const search = useSearch({ from: "/policy" });
  const { data: policy, error, refetch } = useQuery(policyQuery);
  const tab = search.tab ?? "rules";
  const heading = useRef<HTMLHeadingElement>(null);
  useHeadingFocus(heading, "policy");
  return (
    <main className="relative h-full overflow-y-auto">
      <div className="max-w-6xl px-4 py-4 md:px-8 md:py-6">
        <div className="flex flex-wrap items-baseline gap-x-4 gap-y-1">
          <h1 ref={heading} tabIndex={-1} className="text-xl font-semibold">
            Policy
          </h1>
          {policy === undefined ? null : <InForce policy={policy} />}
        </div>
        <nav aria-label="Parts of the policy" className="mt-3 flex overflow-x-auto border-b border-line">
          {(Object.keys(POLICY_TABS) as PolicyTab[]).map((name) => (
            <Link
              key={name}
              to="/policy"
              search={name === "rules" ? {} : { tab: name }}
              aria-current={name === tab ? "page" : undefined}
              className={`flex min-h-11 items-center border-b-2 px-2.5 whitespace-nowrap -outline-offset-2 first:-ml-2.5 ${name === tab ? "border-ink font-semibold" : "border-transparent text-quiet hover:text-ink"}`}
            >
              {POLICY_TABS[name]}
            </Link>
          ))}
        </nav>
        <div className="mt-5">
          {error === null ? null : <ProblemNotice error={error} onRetry={() => void refetch()} />}
          {policy === undefined ? (
            error === null ? (
              <p className="text-quiet">Reading…</p>
            ) : null
          ) : (
            <Part tab={tab} policy={policy} search={search} />
          )}
        </div>
      </div>
    </main>
  );
}

function Part({ tab, policy, search }: { tab: PolicyTab; policy: PolicyInForce; search: PolicySearch }) {
  switch (tab) {
    case "explain":
      return <ExplainBox policy={policy} />;
    case "edit":
      return <PolicyEditor policy={policy} />;
    case "trial":
      return <Trial policy={policy} />;
    case "versions":
      return (
        <VersionList
          policy={policy}
          open={search.version === undefined ? undefined : Number(search.version)}
        />
      );
    case "grants":
      return <GrantList />;
    default:
      return <Rules policy={policy} marked={search.rule} />;
  }
}

function InForce({ policy: { version, createdAt, createdBy, source, comment } }: { policy: PolicyInForce }) {
  if (version === 0) return <p className="text-quiet">none is written yet</p>;
  return (
    <p className="text-quiet">
      <span className="text-ink">Version {version}</span>
      {createdBy === null ? "" : " by "}
      {createdBy === null ? null : <Unseen text={createdBy} />}
      {source === "config" ? " from the config file" : ""}
      {createdAt === null ? null : (
        <>
          , <Ago at={createdAt} />
        </>
      )}
      {comment === null || comment === "" ? null : (
        <>
          : <Unseen text={comment} isProse />
        </>
      )}
    </p>
  );
}

function Rules({ policy, marked }: { policy: PolicyInForce; marked: string | undefined }) {
  // What the service has taken fits the schema.
  const document = policy.document as unknown as PolicyInput;
  return (
    <div className="grid gap-6">
      {policy.findings.length === 0 ? null : (
        <section aria-labelledby="findings">
          <h2 id="findings" className="label mb-1">
            What is to be said about it
          </h2>
          <FindingList findings={policy.findings} />
        </section>
      )}
      <section aria-labelledby="rules">
        <h2 id="rules" className="label mb-1">
          Rules: the first that matches decides
        </h2>
        <RuleList rules={document.rules ?? []} marked={marked} />
      </section>
      <PolicySettings document={document} />
    </div>
  );
}
