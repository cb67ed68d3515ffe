import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { KeyHint } from "../keys/key-hint.tsx";
import { useKey } from "../keys/use-key.ts";
import { isGone } from "../service/problem.ts";
import { holdQuery, holdsQuery } from "../service/queries.ts";
import { Icon } from "../ui/icon.tsx";
import { ProblemNotice } from "../ui/problem-notice.tsx";
import { listOptions } from "./filters.ts";
import { HoldCard } from "./hold-card.tsx";

/** The card of the hold in the address, or why there is none. */
export function HoldPane() {
  const { holdId } = useParams({ from: "/desk/holds/$holdId" });
  const search = useSearch({ from: "/desk" });
  const navigate = useNavigate();
  const query = useQuery(holdQuery(holdId));
  useKey("back", () => void navigate({ to: "/inbox", search }));
  return (
    <>
      <div className="border-b border-line px-2 md:hidden">
        <Link to="/inbox" search={search} className="inline-flex min-h-11 items-center gap-1.5 px-2">
          <Icon name="back" /> Inbox
        </Link>
      </div>
      {query.data !== undefined && !isGone(query.error) ? (
        <HoldCard key={holdId} hold={query.data} isFresh={!query.isFetching} readError={query.error} />
      ) : query.error !== null ? (
        <div className="p-6">
          {isGone(query.error) ? (
            <>
              <h2 className="text-xl font-semibold">There is no such hold here</h2>
              <p className="mt-1 text-quiet">
                It may have been deleted or belong to another organisation, or its id was cut off when it was
                copied.
              </p>
            </>
          ) : (
            <ProblemNotice error={query.error} onRetry={() => void query.refetch()} />
          )}
        </div>
      ) : (
        <p className="p-6 text-quiet">Reading…</p>
      )}
    </>
  );
}

/** Nothing is open, so no key decides anything. */
export function NothingOpen() {
  const search = useSearch({ from: "/desk" });
  const { data } = useInfiniteQuery(holdsQuery(listOptions(search)));
  const isEmpty = data === undefined || data.pages.every((page) => page.data.length === 0);
  return (
    <div className="m-auto max-w-xs p-6 text-center text-quiet">
      <p>
        Nothing is open.
        {isEmpty ? null : (
          <>
            {" "}
            Choose an item of the list
            <KeyHint name="next" />
          </>
        )}
      </p>
    </div>
  );
}
