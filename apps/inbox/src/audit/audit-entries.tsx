import type { AuditEntry } from "@holdpoint/client";
import { useId, useState } from "react";
import { Link } from "@tanstack/react-router";
import { isJsonObject } from "@holdpoint/protocol";
import { Unseen } from "@holdpoint/react";
import { useAgents } from "../shell/agents.ts";
import { ClockTime } from "../ui/time.tsx";
import { effectOf } from "../words/effect.ts";

/** The entries as lines: when, what, who, on what; each can be opened as it is stored. */
export function AuditEntries({ entries }: { entries: readonly AuditEntry[] }) {
  return (
    <ol aria-label="Entries" className="mt-6 border-t border-line">
      {entries.map((entry) => (
        <Entry key={entry.event.id} entry={entry} />
      ))}
    </ol>
  );
}

function Entry({ entry }: { entry: AuditEntry }) {
  const [isOpen, setIsOpen] = useState(false);
  const id = useId();
  return (
    <li className="border-b border-line py-2">
      <div className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-0.5 md:grid-cols-[8rem_9rem_1fr_11rem] md:gap-x-6">
        <span className="text-quiet">
          <ClockTime at={entry.timestamp} />
        </span>
        <span className="font-semibold">{wordsOf(entry.eventType)}</span>
        <span className="min-w-0 max-md:col-span-2">
          <Subject entry={entry} />
          <span className="flex flex-wrap items-center gap-x-4 text-sm text-quiet">
            <Places entry={entry} />
            <button
              type="button"
              aria-expanded={isOpen}
              aria-controls={id}
              onClick={() => setIsOpen(!isOpen)}
              className="min-h-6 underline hover:text-ink"
            >
              {isOpen ? "hide" : "as stored"}
            </button>
          </span>
        </span>
        <span className="max-md:col-span-2 max-md:row-start-2 max-md:text-sm">
          <Who entry={entry} />
        </span>
      </div>
      <div id={id}>
        {isOpen ? (
          <pre className="fact mt-2 max-h-96 overflow-auto border-l-2 border-line pl-3" tabIndex={0}>
            <Unseen text={JSON.stringify(entry.event, null, 2)} isProse />
          </pre>
        ) : null}
      </div>
    </li>
  );
}

/** What it was about, from stored facts; and in quotes what a person gave as the reason. */
function Subject({ entry }: { entry: AuditEntry }) {
  const { event, actionType, actionPayload, rationale } = entry;
  const title = event.data["title"];
  const words =
    actionType === null
      ? typeof title === "string"
        ? title
        : accountOf(event.data)
      : isJsonObject(actionPayload)
        ? effectOf({ name: actionType, arguments: actionPayload })
        : actionType;
  return (
    <>
      <Unseen text={words} />
      {rationale === null || rationale === "" ? null : (
        <span className="block text-quiet">
          “<Unseen text={rationale} isProse />”
        </span>
      )}
    </>
  );
}

/** Of a connection: at which provider, and whose account there. */
function accountOf({ connectionId, provider, account }: AuditEntry["event"]["data"]): string {
  if (typeof connectionId !== "string" || typeof provider !== "string") return "";
  return typeof account === "string" ? `${provider}: ${account}` : provider;
}

const PLACE = "inline-flex min-h-6 items-center underline hover:text-ink";

function Places({ entry: { event } }: { entry: AuditEntry }) {
  return (
    <>
      {event.endUserId === null ? null : (
        <span>
          for <Unseen text={event.endUserId} />
        </span>
      )}
      {event.holdId === null ? null : (
        <>
          <Link to="/holds/$holdId" params={{ holdId: event.holdId }} className={PLACE}>
            hold
          </Link>
          <Link to="/audit" search={{ hold: event.holdId }} className={PLACE}>
            its chain
          </Link>
        </>
      )}
      {event.runId === null ? null : (
        <Link to="/runs/$runId" params={{ runId: event.runId }} className={PLACE}>
          run
        </Link>
      )}
      {event.sessionId === null ? null : (
        <Link to="/audit" search={{ session: event.sessionId }} className={PLACE}>
          session
        </Link>
      )}
    </>
  );
}

const KINDS: Record<string, string> = {
  member: "",
  agent: "agent",
  system: "the service",
  end_user: "end user",
};

function Who({ entry }: { entry: AuditEntry }) {
  const { nameOf } = useAgents();
  const { kind, id, name } = entry.event.actor;
  const said = name ?? (kind === "agent" ? nameOf(id) : id);
  const kindWord = KINDS[kind] ?? kind;
  if (kind === "system" || said === null) return <span className="text-quiet">{kindWord}</span>;
  return (
    <span>
      <Unseen text={said} /> <span className="text-quiet">{kindWord}</span>
    </span>
  );
}

/** `gate_presented` as people say it. */
export function wordsOf(eventType: string): string {
  const words = eventType.replace("gate_presented", "presented").replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
