import { formatAgo } from "@holdpoint/react/words";
import { useNow } from "../service/clock.ts";
import { Tip } from "./tip.tsx";

const absolute = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });
const clock = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});
const day = new Intl.DateTimeFormat(undefined, { year: "numeric", month: "short", day: "numeric" });

/** Relative, with the exact instant and zone on hover and focus. */
export function Ago({ at }: { at: string }) {
  const now = useNow();
  return <Instant at={at}>{formatAgo(now - Date.parse(at))}</Instant>;
}

/** The same inside of a link, which has the focus and the hint to itself. */
export function AgoText({ at }: { at: string }) {
  const now = useNow();
  return (
    <time dateTime={at} title={absolute.format(new Date(at))}>
      {formatAgo(now - Date.parse(at))}
    </time>
  );
}

/** `14:05:09`, with the day where it is not today's. */
export function ClockTime({ at }: { at: string }) {
  const now = useNow();
  const date = new Date(at);
  const isToday = date.toDateString() === new Date(now).toDateString();
  return (
    <Instant at={at}>{isToday ? clock.format(date) : `${day.format(date)} ${clock.format(date)}`}</Instant>
  );
}

export function Instant({ at, children }: { at: string; children: string }) {
  return (
    <Tip words={absolute.format(new Date(at))}>
      <time dateTime={at} tabIndex={0} className="whitespace-nowrap">
        {children}
      </time>
    </Tip>
  );
}
