import type { HoldDetail } from "@holdpoint/protocol";
import { Unseen } from "@holdpoint/react";
import { formatDuration } from "@holdpoint/react/words";
import { useNow } from "../service/clock.ts";
import { Icon } from "../ui/icon.tsx";
import { Instant } from "../ui/time.tsx";
import { silenceOf } from "../words/hold-words.ts";
import { Section } from "./section.tsx";

/** Until when, live, and in words what happens if nobody decides. */
export function DeadlineSection({ hold }: { hold: HoldDetail }) {
  const now = useNow();
  if (hold.expiresAt === null) {
    return (
      <Section title="Deadline">
        <p>None: it waits until somebody decides.</p>
        <NextStepLine hold={hold} now={now} />
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
      <AnswerWanted hold={hold} now={now} />
      <NextStepLine hold={hold} now={now} />
    </Section>
  );
}

/** When those who are asked should have answered, well before it ends. */
function AnswerWanted({ hold, now }: { hold: HoldDetail; now: number }) {
  if (hold.respondBy === null || hold.respondBy === hold.expiresAt) return null;
  const left = Date.parse(hold.respondBy) - now;
  return (
    <p className="mt-1 ml-[22px]">
      {left <= 0 ? "The time in which an answer was wanted has passed." : "An answer is wanted within "}
      {left <= 0 ? null : (
        <>
          <Instant at={hold.respondBy}>{formatDuration(left)}</Instant>.
        </>
      )}
    </p>
  );
}

/** Who is asked next if nobody decides, and when. */
function NextStepLine({ hold, now }: { hold: HoldDetail; now: number }) {
  const next = hold.nextStep;
  if (next === null) return null;
  const left = Date.parse(next.at) - now;
  const isAsked = next.type === "asked";
  return (
    <p className="mt-1 ml-[22px]">
      {left <= 0 ? "Any moment now" : "In "}
      {left <= 0 ? null : <Instant at={next.at}>{formatDuration(left)}</Instant>}{" "}
      {isAsked ? (
        <>
          <Unseen text={next.who} /> is asked, too.
        </>
      ) : (
        <>
          <Unseen text={next.who} /> is reminded.
        </>
      )}
    </p>
  );
}
