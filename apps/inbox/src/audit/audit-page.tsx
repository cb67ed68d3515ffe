import type { AuditScope } from "@holdpoint/client";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Unseen } from "@holdpoint/react";
import { auditQuery } from "../service/queries.ts";
import { useAgents } from "../shell/agents.ts";
import { Button } from "../ui/button.tsx";
import { NextPage } from "../ui/next-page.tsx";
import { Icon } from "../ui/icon.tsx";
import { ProblemNotice } from "../ui/problem-notice.tsx";
import { ActionChain } from "./action-chain.tsx";
import { AuditEntries } from "./audit-entries.tsx";
import type { AuditSearch } from "./audit-search.ts";
import { ExportLinks, nameOf, scopeOf } from "./export-links.tsx";
import { Receipt } from "./receipt.tsx";
import { useVerification } from "./use-verification.ts";
import { VerifyPanel } from "./verify-panel.tsx";

/** The log: filter, read, export, verify; and for a hold the chain from presented to executed. */
export function AuditPage() {
  const search = useSearch({ from: "/audit" });
  const scope = scopeOf(search);
  // What was found holds for the part that it was found of.
  return <AuditLog key={JSON.stringify(scope)} search={search} scope={scope} />;
}

function AuditLog({ search, scope }: { search: AuditSearch; scope: AuditScope }) {
  const check = useVerification(scope);
  const query = useInfiniteQuery(
    auditQuery({
      holdId: search.hold,
      runId: search.run,
      sessionId: search.session,
      agentId: search.agent,
      about: search.about,
    }),
  );
  const entries = query.data?.pages.flatMap((page) => page.data);
  return (
    <main className="relative h-full overflow-y-auto">
      <div className="max-w-6xl px-4 py-4 md:px-8 md:py-6">
        <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
          <h1 className="text-xl font-semibold">Audit log</h1>
          <div className="flex flex-wrap items-center gap-x-6 gap-y-2">
            <ExportLinks search={search} />
            <Button
              icon="check"
              isDisabled={check.start === undefined}
              isBusy={check.verification.state === "reading"}
              onPress={() => check.start?.()}
            >
              Verify {nameOf(scope)}
            </Button>
          </div>
        </div>
        <VerifyPanel {...check} subject={nameOf(scope)} />
        <Filters search={search} />
        {search.hold === undefined || entries === undefined ? null : (
          <>
            <ActionChain entries={entries} />
            <Receipt holdId={search.hold} entries={entries} />
          </>
        )}
        {query.isError ? (
          <div className="mt-6">
            <ProblemNotice error={query.error} onRetry={() => void query.refetch()} />
          </div>
        ) : null}
        {entries === undefined ? (
          query.isError ? null : (
            <p className="mt-6 text-quiet">Reading…</p>
          )
        ) : entries.length === 0 ? (
          <p className="mt-6 border-t border-line pt-4">
            {Object.keys(search).length === 0 ? (
              "Nothing has happened yet."
            ) : (
              <>
                Nothing matches.{" "}
                <Link to="/audit" className="underline">
                  Show the whole log
                </Link>
              </>
            )}
          </p>
        ) : (
          <AuditEntries entries={entries} />
        )}
        <NextPage query={query} label="Show older" />
      </div>
    </main>
  );
}

const ABOUT = { all: "Everything", hold: "Holds and decisions", action: "Executions", run: "Runs" } as const;
const NARROWED = { hold: "Hold", run: "Run", session: "Session" } as const;

function Filters({ search }: { search: AuditSearch }) {
  const navigate = useNavigate();
  const { agents } = useAgents();
  const go = (next: AuditSearch) => void navigate({ to: "/audit", search: next });
  const { about: _about, ...withoutAbout } = search;
  const { agent: _agent, ...withoutAgent } = search;
  return (
    <div className="mt-3 flex flex-wrap items-end gap-x-4 gap-y-2">
      <label className="text-sm text-quiet">
        About
        <select
          className="field mt-0.5"
          value={search.about ?? "all"}
          onChange={({ target: { value } }) =>
            go(
              value === "all"
                ? withoutAbout
                : { ...search, about: value as NonNullable<AuditSearch["about"]> },
            )
          }
        >
          {Object.entries(ABOUT).map(([value, word]) => (
            <option key={value} value={value}>
              {word}
            </option>
          ))}
        </select>
      </label>
      <label className="text-sm text-quiet">
        Agent
        <select
          className="field mt-0.5"
          value={search.agent ?? ""}
          onChange={({ target: { value } }) => go(value === "" ? withoutAgent : { ...search, agent: value })}
        >
          <option value="">All agents</option>
          {agents.map((agent) => (
            <option key={agent.id} value={agent.id}>
              {agent.name}
            </option>
          ))}
        </select>
      </label>
      {(["hold", "run", "session"] as const).map((name) => {
        const { [name]: value, ...rest } = search;
        return value === undefined ? null : (
          <Button key={name} kind="plain" onPress={() => go(rest)}>
            <span className="inline-flex items-center gap-2">
              {NARROWED[name]}{" "}
              <span className="fact">
                <Unseen text={value.length > 16 ? `…${value.slice(-8)}` : value} />
              </span>
              <Icon name="cross" />
              <span className="sr-only">, show all</span>
            </span>
          </Button>
        );
      })}
    </div>
  );
}
