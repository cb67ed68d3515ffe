import { Link, Outlet, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { KeyHint, useAriaKeys } from "../keys/key-hint.tsx";
import { useKey } from "../keys/use-key.ts";
import { Icon } from "../ui/icon.tsx";
import { HoldList } from "./hold-list.tsx";
import { TABS, tabNames } from "./filters.ts";

/** The inbox: the list, and beside it (on a phone instead of it) what is open. */
export function Desk() {
  const { holdId } = useParams({ strict: false });
  const search = useSearch({ from: "/desk" });
  return (
    <main className="flex h-full">
      <h1 className="sr-only">Inbox</h1>
      <section
        aria-label="List"
        className={`min-h-0 w-full shrink-0 flex-col border-line md:flex md:w-80 md:border-r xl:w-[25rem] ${holdId === undefined ? "flex" : "hidden"}`}
      >
        <div className="border-b border-line">
          <nav aria-label="Lists" className="flex overflow-x-auto px-2">
            {tabNames.map((name) => (
              <Link
                key={name}
                to="/inbox"
                search={name === "mine" ? {} : { tab: name }}
                aria-current={(search.tab ?? "mine") === name ? "page" : undefined}
                className={`flex min-h-11 items-center border-b-2 px-2 whitespace-nowrap -outline-offset-2 ${(search.tab ?? "mine") === name ? "border-ink font-semibold" : "border-transparent text-quiet hover:text-ink"}`}
              >
                {TABS[name].label}
              </Link>
            ))}
          </nav>
          <Search />
        </div>
        <div className="min-h-0 flex-1 overflow-y-auto">
          <HoldList search={search} openId={holdId} />
        </div>
      </section>
      <div className={`min-w-0 flex-1 flex-col md:flex ${holdId === undefined ? "hidden" : "flex"}`}>
        <Outlet />
      </div>
    </main>
  );
}

/** Words of title or summary. Written into the address, so that a reload or a link shows the same list. */
function Search() {
  const search = useSearch({ from: "/desk" });
  const navigate = useNavigate();
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(search.q ?? "");
  const [known, setKnown] = useState(search.q);
  if (known !== search.q) {
    setKnown(search.q);
    setText(search.q ?? "");
  }
  useKey("search", () => input.current?.focus());
  const aria = useAriaKeys("search");
  const submit = (q: string) => {
    const { q: _q, ...rest } = search;
    void navigate({ to: "/inbox", search: q.trim() === "" ? rest : { ...rest, q: q.trim() } });
  };
  return (
    <form
      role="search"
      className="flex items-center gap-2 px-4 pb-2"
      onSubmit={(event) => {
        event.preventDefault();
        submit(text);
        // The keys of the list are wanted next.
        input.current?.blur();
      }}
    >
      <Icon name="search" className="text-quiet" />
      <input
        ref={input}
        type="search"
        value={text}
        maxLength={200}
        onChange={(event) => setText(event.target.value)}
        onBlur={() => text !== (search.q ?? "") && submit(text)}
        aria-label="Search titles and summaries"
        placeholder="Search"
        className="min-h-9 min-w-0 flex-1 bg-transparent outline-offset-0 placeholder:text-quiet placeholder:opacity-100"
        {...aria}
      />
      <KeyHint name="search" />
    </form>
  );
}
