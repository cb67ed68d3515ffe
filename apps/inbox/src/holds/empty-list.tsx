import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Unseen } from "@holdpoint/react";
import { useAgents } from "../shell/agents.ts";
import { holdsQuery } from "../service/queries.ts";
import { CopyButton } from "../ui/copy-button.tsx";
import { Icon } from "../ui/icon.tsx";
import { Ago } from "../ui/time.tsx";
import { pastOf } from "../words/hold-words.ts";
import { hasFilter, listOptions, type InboxSearch } from "./filters.ts";
import { headlineFor } from "./headline.ts";

/** Three ways of having nothing to show, and each says which it is. */
export function EmptyList({ search }: { search: InboxSearch }) {
  const decided = useInfiniteQuery(holdsQuery(listOptions({ tab: "decided" })));
  const last = decided.data?.pages[0]?.data[0];
  if (hasFilter(search)) return <NothingMatches search={search} />;
  if (decided.isPending) return null;
  if (search.tab === "deferred")
    return (
      <Empty title="Nothing is put off">
        What you put off with Not now is listed here. Its deadline runs on.
      </Empty>
    );
  if (last === undefined) return <NeverUsed />;
  return (
    <Empty title="All done">
      {(search.tab ?? "mine") === "mine" ? "Nothing waits for you." : "Nothing waits for a decision."}
      {last.status === "pending" || last.outcome === null ? null : (
        <span className="mt-2 block text-quiet">
          Last:{" "}
          {last.status === "expired" ? (
            "nobody decided in time"
          ) : (
            <>
              <Unseen text={last.outcome.by.name} /> {pastOf(last, last.status)}
            </>
          )}{" "}
          <Ago at={last.decidedAt ?? last.createdAt} />: <Unseen text={headlineFor(last)} />.
        </span>
      )}
    </Empty>
  );
}

function NothingMatches({ search }: { search: InboxSearch }) {
  const said = [
    ...(search.q === undefined ? [] : [`“${search.q}”`]),
    ...(search.agent === undefined ? [] : [`agent ${search.agent}`]),
    ...(search.tier === undefined ? [] : [`tier ${search.tier}`]),
  ];
  return (
    <Empty title="Nothing matches">
      <Unseen text={said.join(", ")} />
      <span className="mt-2 block">
        <Link
          to="/inbox"
          search={search.tab === undefined ? {} : { tab: search.tab }}
          className="inline-flex min-h-9 items-center gap-2 underline"
        >
          <Icon name="cross" /> Show all of this list
        </Link>
      </span>
    </Empty>
  );
}

function NeverUsed() {
  const { agents } = useAgents();
  const agent = agents[0];
  const task = agent?.id === "data_manager" ? "Delete 50 old records from the users table" : "…";
  const command = `npx holdpoint run ${agent?.id ?? "AGENT"} "${task}"`;
  return (
    <Empty title="No agent has asked for anything yet">
      Make one ask, in a terminal:
      <span className="mt-2 flex items-start gap-1 border-l-2 border-line pl-3">
        <code className="fact min-w-0">{command}</code>
        <CopyButton text={command} what="the command" />
      </span>
      <span className="mt-2 block">
        or{" "}
        <Link to="/runs" className="underline">
          start a run here
        </Link>
        .
      </span>
    </Empty>
  );
}

function Empty({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <div className="px-4 py-8">
      <h2 className="font-semibold">{title}</h2>
      <div className="mt-1">{children}</div>
    </div>
  );
}
