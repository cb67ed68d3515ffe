import { connection, type Connection } from "../service/live.ts";
import { useStore } from "../service/store.ts";
import { Icon, type IconName } from "../ui/icon.tsx";
import { Tip } from "../ui/tip.tsx";

const LOOK: Record<Connection, { word: string; icon: IconName; tip: string }> = {
  connecting: { word: "Connecting", icon: "progress", tip: "The page is asking the service what is new." },
  live: { word: "Live", icon: "check", tip: "What you see is what the service knows." },
  reconnecting: {
    word: "Not connected",
    icon: "warning",
    tip: "What you see may be old. The page goes on trying; nothing is lost meanwhile.",
  },
  signed_out: { word: "Signed out", icon: "warning", tip: "The session has ended." },
};

/** How current the page is, always on the screen. */
export function ConnectionState() {
  const state = useStore(connection);
  const { word, icon, tip } = LOOK[state];
  return (
    <Tip words={tip}>
      <p
        role="status"
        aria-label="Connection"
        tabIndex={0}
        className={`flex min-h-9 items-center gap-2.5 px-2 text-sm lg:px-5 ${state === "live" ? "text-quiet" : "font-semibold"}`}
      >
        <Icon name={icon} />
        <span className={state === "live" ? "hidden md:inline" : ""}>{word}</span>
      </p>
    </Tip>
  );
}
