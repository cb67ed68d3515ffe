import { holdpoint, isSignedOut } from "./client.ts";
import { connection } from "./live.ts";
import { meQuery, queryClient } from "./queries.ts";

/**
 * The session is the browser's, not this tab's: another tab may sign out, or sign somebody else in. A tab that still
 * shows Ada while its decisions count as Rob's would lie, so whoever comes back to it is looked up again.
 */
export function watchSession(): void {
  window.addEventListener("focus", () => void check());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") void check();
  });
}

let isChecking = false;

async function check(): Promise<void> {
  if (isChecking) return;
  isChecking = true;
  const shown = queryClient.getQueryData(meQuery.queryKey);
  try {
    const me = await holdpoint.me();
    // Drafts are kept over the reload; nothing else of the page is this person's.
    if (connection.get() === "signed_out" || (shown !== undefined && me.memberId !== shown.memberId))
      window.location.reload();
  } catch (error) {
    if (isSignedOut(error)) connection.set("signed_out");
  } finally {
    isChecking = false;
  }
}
