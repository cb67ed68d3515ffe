import type { Hold } from "@holdpoint/protocol";
import { Icon } from "../ui/icon.tsx";
import { lookOf, type StateLook } from "../words/hold-words.ts";

const TONE: Record<StateLook["tone"], string> = {
  waiting: "text-accent",
  done: "text-ink",
  quiet: "text-quiet",
  bad: "text-ink font-semibold",
};

/** A state: icon and word, and a tone that nobody needs to see. */
export function StateLine({ look }: { look: StateLook }) {
  return (
    <span className={`inline-flex items-start gap-1.5 ${TONE[look.tone]}`}>
      <Icon name={look.icon} className="mt-[3px]" />
      <span>{look.word}</span>
    </span>
  );
}

export function HoldState({ hold }: { hold: Pick<Hold, "status" | "fulfilment" | "question"> }) {
  return <StateLine look={lookOf(hold)} />;
}
