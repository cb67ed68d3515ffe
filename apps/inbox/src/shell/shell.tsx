import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, Outlet, useLocation, useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useAriaKeys } from "../keys/key-hint.tsx";
import { keycaps, type KeyName } from "../keys/key-table.ts";
import { useKey } from "../keys/use-key.ts";
import { isSignedOut } from "../service/client.ts";
import { connection } from "../service/live.ts";
import { theme } from "../service/local-setting.ts";
import { holdsQuery, meQuery } from "../service/queries.ts";
import { useStore } from "../service/store.ts";
import { listOptions } from "../holds/filters.ts";
import { Icon, Mark, type IconName } from "../ui/icon.tsx";
import { LatePart, latePart } from "../ui/late-part.tsx";
import { Tip } from "../ui/tip.tsx";
import { Announcer } from "./announcer.tsx";
import { ConnectionState } from "./connection-state.tsx";
import { Person } from "./person.tsx";
import { SignedOut } from "./signed-out.tsx";

const keySheet = latePart(
  () => import("../keys/key-sheet.tsx"),
  ({ KeySheet }) => KeySheet,
);

/** What is around every page: where to go, what waits, how current it all is, and who is here. */
export function Shell() {
  const me = useQuery(meQuery);
  const isCut = useStore(connection) === "signed_out";
  // Undefined until it is asked for: then it is fetched.
  const [isHelpOpen, setIsHelpOpen] = useState<boolean>();
  const navigate = useNavigate();
  const setting = useStore(theme.store);
  useKey("goInbox", () => void navigate({ to: "/inbox" }));
  useKey("goRuns", () => void navigate({ to: "/runs" }));
  useKey("goAgents", () => void navigate({ to: "/agents" }));
  useKey("goAudit", () => void navigate({ to: "/audit" }));
  useKey("goPolicy", () => void navigate({ to: "/policy" }));
  useKey("help", () => setIsHelpOpen(true));
  useEffect(() => {
    if (setting === "system") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = setting;
  }, [setting]);

  if (isCut || isSignedOut(me.error)) return <SignedOut />;
  return (
    <div className="flex h-dvh flex-col lg:flex-row">
      <a
        href="#content"
        className="absolute -top-12 left-2 z-50 rounded-control bg-ink px-3 py-2 text-ground focus:top-2"
      >
        Skip to the content
      </a>
      <header className="flex shrink-0 items-center gap-1 border-b border-line px-2 lg:w-52 lg:flex-col lg:items-stretch lg:gap-0 lg:border-r lg:border-b-0 lg:px-0">
        <div className="flex shrink-0 items-center gap-2.5 py-3 pr-1 pl-2 md:px-2 lg:px-5 lg:py-5">
          <Mark />
          <span className="hidden text-lg font-semibold md:inline">Holdpoint</span>
        </div>
        <nav aria-label="Main" className="flex min-w-0 overflow-x-auto lg:flex-col lg:overflow-visible">
          <Place to="/inbox" icon="inbox" name="Inbox" shortcut="goInbox" badge={<Waiting />} />
          <Place to="/runs" icon="runs" name="Runs" shortcut="goRuns" />
          <Place to="/agents" icon="agent" name="Agents" shortcut="goAgents" />
          <Place to="/audit" icon="audit" name="Audit" shortcut="goAudit" />
          <Place to="/policy" icon="policy" name="Policy" shortcut="goPolicy" />
        </nav>
        <div className="ml-auto flex items-center gap-1 lg:mt-auto lg:ml-0 lg:flex-col lg:items-stretch lg:gap-0 lg:pb-3">
          <ConnectionState />
          <Person onHelp={() => setIsHelpOpen(true)} />
        </div>
      </header>
      <div id="content" className="min-h-0 min-w-0 flex-1">
        <Outlet />
      </div>
      {isHelpOpen === undefined ? null : (
        <LatePart of={keySheet} isWanted={isHelpOpen} place="floating" onClose={() => setIsHelpOpen(false)}>
          {(KeySheet) => <KeySheet isOpen={isHelpOpen} onClose={() => setIsHelpOpen(false)} />}
        </LatePart>
      )}
      <Announcer />
    </div>
  );
}

interface PlaceProps {
  to: "/inbox" | "/runs" | "/agents" | "/audit" | "/policy";
  icon: IconName;
  name: string;
  shortcut: KeyName;
  badge?: React.ReactNode;
}

/** A hold is a part of the inbox, and a conversation of the runs, whatever their addresses. */
const ALSO: Partial<Record<PlaceProps["to"], string>> = { "/inbox": "/holds/", "/runs": "/sessions" };

function Place({ to, icon, name, shortcut, badge }: PlaceProps) {
  const aria = useAriaKeys(shortcut);
  const isHere = useLocation({
    select: ({ pathname }) => pathname.startsWith(to) || pathname.startsWith(ALSO[to] ?? to),
  });
  return (
    <Tip words={`${name} (${keycaps(shortcut).join(" then ")})`}>
      <Link
        to={to}
        aria-current={isHere ? "page" : undefined}
        className={`flex min-h-11 items-center gap-1.5 px-1.5 whitespace-nowrap -outline-offset-2 md:gap-2.5 md:px-3 lg:min-h-10 lg:border-l-2 lg:px-[18px] ${isHere ? "font-semibold lg:border-ink" : "text-quiet hover:text-ink lg:border-transparent"}`}
        {...aria}
      >
        <Icon name={icon} className="max-md:hidden" />
        <span>{name}</span>
        {badge}
      </Link>
    </Tip>
  );
}

/**
 * How many wait for this person; also in the title, for those who look at another tab. A sign-in at a provider waits for
 * its end user, whatever an operator can do about it.
 */
function Waiting() {
  const { data } = useInfiniteQuery(holdsQuery(listOptions({})));
  const page = data?.pages[0];
  const count = page?.data.filter((hold) => hold.kind !== "authorization").length ?? 0;
  const shown = page?.nextCursor == null ? String(count) : `${count}+`;
  useEffect(() => {
    document.title = count === 0 ? "Holdpoint" : `(${shown}) Holdpoint`;
  }, [count, shown]);
  if (count === 0) return null;
  return (
    <span className="ml-auto font-semibold text-accent">
      <span className="sr-only">, waiting for you: </span>
      {shown}
    </span>
  );
}
