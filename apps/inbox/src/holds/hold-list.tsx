import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { useKey } from "../keys/use-key.ts";
import { useAgents } from "../shell/agents.ts";
import { Button } from "../ui/button.tsx";
import { ProblemNotice } from "../ui/problem-notice.tsx";
import { EmptyList } from "./empty-list.tsx";
import type { InboxSearch } from "./filters.ts";
import { HoldRow } from "./hold-row.tsx";
import { useHoldList } from "./use-hold-list.ts";

/** The list: what waits, in a stable order. One row is marked; j and k move the mark and open what it stands on. */
export function HoldList({ search, openId }: { search: InboxSearch; openId: string | undefined }) {
  const { shown, newCount, goneCount, refresh, query } = useHoldList(search);
  const { nameOf } = useAgents();
  const navigate = useNavigate();
  const list = useRef<HTMLUListElement>(null);
  const [markedId, setMarkedId] = useState<string>();
  const marked = Math.max(
    0,
    shown.findIndex((hold) => hold.id === (markedId ?? openId)),
  );

  const open = (id: string) => void navigate({ to: "/holds/$holdId", params: { holdId: id }, search });
  const move = (step: number) => {
    const from = shown.findIndex((hold) => hold.id === openId);
    const hold = shown[from === -1 ? marked : from + step];
    if (hold === undefined) return;
    setMarkedId(hold.id);
    open(hold.id);
    list.current?.querySelector(`[data-hold="${hold.id}"]`)?.scrollIntoView({ block: "nearest" });
  };
  useKey("next", () => move(1));
  useKey("previous", () => move(-1));
  useKey("open", () => {
    const hold = shown[marked];
    if (hold !== undefined) open(hold.id);
  });

  // Nobody's cursor is on the list when its card is closed: then it may become what it is now.
  const isOpen = openId !== undefined;
  const wasOpen = useRef(isOpen);
  useEffect(() => {
    if (wasOpen.current && !isOpen) refresh();
    wasOpen.current = isOpen;
  });

  const step = (event: React.KeyboardEvent) => {
    const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    const hold = by === 0 ? undefined : shown[marked + by];
    if (hold === undefined) return;
    event.preventDefault();
    setMarkedId(hold.id);
    list.current?.querySelector<HTMLElement>(`[data-hold="${hold.id}"]`)?.focus();
  };

  if (query.isPending) return <p className="p-4 text-quiet">Reading the list…</p>;
  if (query.isError && shown.length === 0) {
    return (
      <div className="p-4">
        <ProblemNotice error={query.error} onRetry={() => void query.refetch()} />
      </div>
    );
  }
  return (
    <>
      <Waiting newCount={newCount} goneCount={goneCount} onPress={refresh} />
      {shown.length === 0 ? (
        <EmptyList search={search} />
      ) : (
        <ul ref={list} onKeyDown={step} aria-label="Holds">
          {shown.map((hold, index) => (
            <HoldRow
              key={hold.id}
              hold={hold}
              agentName={nameOf(hold.agentId)}
              search={search}
              isOpen={hold.id === openId}
              isMarked={index === marked}
              onFocus={() => setMarkedId(hold.id)}
            />
          ))}
        </ul>
      )}
      {query.hasNextPage ? (
        <div className="p-4">
          <Button isBusy={query.isFetchingNextPage} onPress={() => void query.fetchNextPage()}>
            Show more
          </Button>
        </div>
      ) : null}
    </>
  );
}

/** What is not in the list yet, and what is no longer: both wait until somebody asks. */
function Waiting(props: { newCount: number; goneCount: number; onPress: () => void }) {
  const { newCount, goneCount, onPress } = props;
  if (newCount === 0 && goneCount === 0) return null;
  return (
    <div className="border-b border-line px-4 py-2">
      <button
        type="button"
        onClick={onPress}
        className={`flex min-h-9 w-full items-center justify-center gap-2 rounded-control hover:underline ${newCount > 0 ? "bg-accent-wash font-semibold text-accent" : "text-quiet"}`}
      >
        {newCount > 0
          ? `${newCount} new`
          : `Clear ${goneCount} that no longer ${goneCount === 1 ? "belongs" : "belong"} here`}
      </button>
    </div>
  );
}
