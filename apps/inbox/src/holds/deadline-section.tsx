import type { HoldDetail } from "@holdpoint/protocol";
import { useNow } from "../service/clock.ts";
import { Icon } from "../ui/icon.tsx";
import { Instant } from "../ui/time.tsx";
import { formatDuration } from "../words/duration.ts";
import { silenceOf } from "../words/hold-words.ts";
import { Section } from "./section.tsx";

/** Until when, live, and in words what happens if nobody decides. */
export function DeadlineSection({ hold }: { hold: HoldDetail }) {
  const now = useNow();
  if (hold.expiresAt === null) {
    return (
      <Section title="Deadline">
        <p>None: it waits until somebody decides.</p>
      </Section>
    );
  }
  const left = Date.parse(hold.expiresAt) - now;
  const isClose = left < 60_000;
  return (
    <Section title="Deadline">
      <p className={`flex items-start gap-1.5 ${isClose ? "font-semibold text-accent" : ""}`}>
        <Icon name="clock" className="mt-[3px]" />
        <span>
          {left <= 0 ? (
            "The time is up."
          ) : (
            <>
              <Instant at={hold.expiresAt}>{formatDuration(left)}</Instant> left.
            </>
          )}{" "}
          <span className="font-normal text-ink">{silenceOf(hold)}</span>
        </span>
      </p>
    </Section>
  );
}
