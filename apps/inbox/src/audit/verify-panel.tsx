import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Unseen } from "@holdpoint/react";
import { Button } from "../ui/button.tsx";
import { Icon } from "../ui/icon.tsx";
import { ProblemNotice } from "../ui/problem-notice.tsx";
import { ClockTime } from "../ui/time.tsx";
import type { useVerification, Verification } from "./use-verification.ts";
import type { FaultyEntry } from "./verify-log.ts";

type Props = ReturnType<typeof useVerification> & {
  /** What is verified, in words: `everything`, `this hold`. */
  subject: string;
};

/** What verifying the log found, in words; and while it goes on, how far it is. */
export function VerifyPanel({ verification, subject, startAnew, start, cancel }: Props) {
  switch (verification.state) {
    case "idle":
      return null;
    case "reading":
      return <Reading {...verification} subject={subject} onCancel={cancel} />;
    case "fits":
      return (
        <Result icon="check">
          <Fits {...verification} subject={subject} />
        </Result>
      );
    case "fault":
      return (
        <Result icon="warning" isBad>
          <Fault {...verification} onForget={startAnew} />
        </Result>
      );
    default:
      return (
        <div className="mt-4">
          <ProblemNotice error={verification.error} {...(start === undefined ? {} : { onRetry: start })} />
        </div>
      );
  }
}

function Reading(
  props: Extract<Verification, { state: "reading" }> & { subject: string; onCancel: () => void },
) {
  const { entries, size } = props;
  return (
    <div className="mt-4 border-l-2 border-line bg-sunken px-3 py-2.5">
      <p className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
        <span>
          Verifying {props.subject}: {count(entries)}
          {size === undefined ? null : ` of ${size.toLocaleString("en")}`}
        </span>
        <Button onPress={props.onCancel}>Cancel</Button>
      </p>
      <progress
        aria-label="Verified so far"
        className="bar mt-2"
        max={size === undefined ? undefined : Math.max(1, size)}
        value={size === undefined ? undefined : Math.min(entries, size)}
      />
    </div>
  );
}

function Fits(props: Extract<Verification, { state: "fits" }> & { subject: string }) {
  const { entries, size, keys, isWhole, kept, erasedEntries } = props;
  return (
    <>
      <p className="font-semibold">
        {isWhole
          ? `Everything fits: ${count(entries)} verified, up to the checkpoint of ${count(size)}.`
          : `${count(entries)} of ${props.subject} ${entries === 1 ? "is" : "are"} in the log of ${count(size)}, as recorded.`}
      </p>
      <p>
        Signed by <span className="fact">{keys.join(", ")}</span>
      </p>
      {erasedEntries === 0 ? null : (
        <p>Of {count(erasedEntries)} something was erased, which leaves the proof as it was.</p>
      )}
      {isWhole ? (
        kept === undefined ? (
          <p className="text-quiet">
            This browser keeps the checkpoint, and compares the log with it next time.
          </p>
        ) : (
          <p>
            It also fits the checkpoint of {count(kept.size)} that this browser kept{" "}
            <ClockTime at={kept.at} />: nothing before it was cut off or rewritten since.
          </p>
        )
      ) : (
        <p className="text-quiet">That there are no others, only the whole log can show.</p>
      )}
    </>
  );
}

function Fault(props: Extract<Verification, { state: "fault" }> & { onForget: (() => void) | undefined }) {
  const { message, entry, kept, onForget } = props;
  return (
    <>
      <p className="font-semibold">The log does not fit.</p>
      <p>
        <Unseen text={message} />
      </p>
      {entry === undefined ? null : <Where entry={entry} />}
      {kept === undefined || onForget === undefined ? null : (
        <div className="mt-2">
          <p>
            It was also compared with the checkpoint of {count(kept.size)} that this browser kept{" "}
            <ClockTime at={kept.at} />. If a backup was restored on purpose, that explains it.
          </p>
          <Button className="mt-2" onPress={onForget}>
            Forget it and verify again
          </Button>
        </div>
      )}
    </>
  );
}

function Where({ entry: { index, eventId, holdId, runId } }: { entry: FaultyEntry }) {
  return (
    <p className="flex flex-wrap gap-x-3">
      <span>
        The first that does not: entry {index}
        {eventId === undefined ? null : (
          <>
            {", "}
            <span className="fact">
              <Unseen text={eventId} />
            </span>
          </>
        )}
      </span>
      {holdId === undefined ? null : (
        <Link to="/audit" search={{ hold: holdId }} className="underline">
          its hold in the log
        </Link>
      )}
      {runId === undefined ? null : (
        <Link to="/audit" search={{ run: runId }} className="underline">
          its run in the log
        </Link>
      )}
    </p>
  );
}

function Result(props: { icon: "check" | "warning"; isBad?: boolean; children: ReactNode }) {
  return (
    <section
      aria-label="Verification"
      role={props.isBad === true ? "alert" : undefined}
      className="mt-4 flex gap-3 border-l-2 border-ink bg-sunken px-3 py-2.5"
    >
      <Icon name={props.icon} className="mt-[3px]" />
      <div className="min-w-0">{props.children}</div>
    </section>
  );
}

function count(entries: number): string {
  return entries === 1 ? "1 entry" : `${entries.toLocaleString("en")} entries`;
}
