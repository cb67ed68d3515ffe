import { useQuery } from "@tanstack/react-query";
import { meQuery } from "./queries.ts";
import { Store, useStore } from "./store.ts";

const ticks = new Store(Date.now());
// One tick for the page: no two countdowns disagree.
setInterval(() => ticks.set(Date.now()), 1_000);

/** The server's time in milliseconds, moving on once a second: a deadline is the server's, not this machine's. */
export function useNow(): number {
  const now = useStore(ticks);
  const { data: ahead = 0 } = useQuery({ ...meQuery, select: (me) => me.serverAheadMs });
  return now + ahead;
}

/** Milliseconds since an instant of this machine's clock, as the cache tells when something was read. */
export function useSince(at: number): number {
  return useStore(ticks) - at;
}
