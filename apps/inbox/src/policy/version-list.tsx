import type { PolicyInForce, PolicyVersionSummary } from "@holdpoint/protocol";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Unseen } from "@holdpoint/react";
import { policyVersionQuery, policyVersionsQuery } from "../service/policy-queries.ts";
import { ProblemNotice } from "../ui/problem-notice.tsx";
import { NextPage } from "../ui/next-page.tsx";
import { Ago } from "../ui/time.tsx";
import { LineDiffView } from "./line-diff-view.tsx";
import { printPolicy } from "./policy-draft.ts";

/** Every version there was, newest first; one of them compared with the one before it. */
export function VersionList({ policy, open }: { policy: PolicyInForce; open: number | undefined }) {
  const query = useInfiniteQuery(policyVersionsQuery);
  const versions = query.data?.pages.flatMap((page) => page.data);
  if (query.isError) return <ProblemNotice error={query.error} onRetry={() => void query.refetch()} />;
  if (versions === undefined) return <p className="text-quiet">Reading…</p>;
  if (versions.length === 0) {
    return <p>Nobody has written a policy yet: what the tools declare decides, and then the defaults.</p>;
  }
  return (
    <>
      <ol aria-label="Versions" className="-mt-2.5">
        {versions.map((version) => (
          <Version
            key={version.version}
            version={version}
            isInForce={version.version === policy.version}
            isBeside={version.version === policy.shadowVersion}
            isOpen={version.version === open}
          />
        ))}
      </ol>
      <NextPage query={query} label="Show older" />
    </>
  );
}

function Version(props: {
  version: PolicyVersionSummary;
  isInForce: boolean;
  isBeside: boolean;
  isOpen: boolean;
}) {
  const { version, createdAt, createdBy, comment, source } = props.version;
  return (
    <li className="border-b border-line py-2.5">
      <p className="flex flex-wrap items-baseline gap-x-4 gap-y-0.5">
        <span className="font-semibold">Version {version}</span>
        {props.isInForce ? <span className="font-semibold">in force</span> : null}
        {props.isBeside ? <span className="font-semibold">runs beside</span> : null}
        <span className="text-quiet">
          {createdBy === null ? "" : <Unseen text={createdBy} />}
          {source === "config" ? " from the config file" : ""}
          {createdAt === null ? null : (
            <>
              {" "}
              <Ago at={createdAt} />
            </>
          )}
        </span>
        <Link
          to="/policy"
          search={props.isOpen ? { tab: "versions" } : { tab: "versions", version: String(version) }}
          aria-expanded={props.isOpen}
          className="ml-auto inline-flex min-h-6 items-center text-sm underline"
        >
          {props.isOpen ? "Hide" : "What it changed"}
          <span className="sr-only"> in version {version}</span>
        </Link>
      </p>
      {comment === null || comment === "" ? null : (
        <p>
          <Unseen text={comment} isProse />
        </p>
      )}
      {props.isOpen ? <Changed version={version} /> : null}
    </li>
  );
}

function Changed({ version }: { version: number }) {
  const [after, before] = [useQuery(policyVersionQuery(version)), useQuery(policyVersionQuery(version - 1))];
  const error = after.error ?? before.error;
  if (error !== null) return <ProblemNotice error={error} />;
  if (after.data === undefined || before.data === undefined) return <p className="text-quiet">Reading…</p>;
  return (
    <div className="mt-2">
      <LineDiffView
        label={`What version ${version} changed`}
        before={printPolicy(before.data.document)}
        after={printPolicy(after.data.document)}
      />
    </div>
  );
}
