import type { AuditEntry } from "@holdpoint/client";
import { Link } from "@tanstack/react-router";
import { isJsonObject } from "@holdpoint/protocol";
import { useAgents } from "../shell/agents.ts";
import { ClockTime } from "../ui/time.tsx";
import { effectOf } from "../words/effect.ts";
import { Unseen } from "../words/unseen-text.tsx";

/** The entries as lines: when, what, who, on what; each can be opened as it is stored. */
export function AuditEntries({ entries }: { entries: readonly AuditEntry[] }) {
  return (
    <ol aria-label="Entries" className="mt-6 border-t border-line">
      {entries.map((entry) => (
        <li key={entry.event.id} className="border-b border-line py-2">
          <div className="grid gap-x-6 gap-y-0.5 md:grid-cols-[9rem_9rem_1fr_11rem]">
            <span className="text-quiet">
              <ClockTime at={entry.timestamp} />
            </span>
            <span className="font-semibold">{wordsOf(entry.eventType)}</span>
            <Subject entry={entry} />
            <Who entry={entry} />
          </div>
          <details className="mt-0.5">
            <summary className="inline-block min-h-6 text-sm text-quiet hover:text-ink">
              As it is stored
            </summary>
            <pre className="fact mt-1 max-h-96 overflow-auto border-l-2 border-line pl-3" tabIndex={0}>
              <Unseen text={JSON.stringify(entry.event, null, 2)} isProse />
            </pre>
          </details>
        </li>
      ))}
    </ol>
  );
}

function Subject({ entry }: { entry: AuditEntry }) {
  const { event, actionType, actionPayload, rationale } = entry;
  const words =
    actionType === null
      ? typeof event.data["title"] === "string"
        ? event.data["title"]
        : ""
      : isJsonObject(actionPayload)
        ? effectOf({ name: actionType, arguments: actionPayload })
        : actionType;
  return (
    <span className="min-w-0">
      <Unseen text={words} />
      {rationale === null || rationale === "" ? null : (
        <span className="block text-quiet">
          “<Unseen text={rationale} isProse />”
        </span>
      )}
      <span className="flex flex-wrap gap-x-4 text-sm text-quiet">
        {event.holdId === null ? null : (
          <>
            <Link to="/holds/$holdId" params={{ holdId: event.holdId }} className="underline hover:text-ink">
              hold
            </Link>
            <Link to="/audit" search={{ hold: event.holdId }} className="underline hover:text-ink">
              its chain
            </Link>
          </>
        )}
        {event.runId === null ? null : (
          <Link to="/runs/$runId" params={{ runId: event.runId }} className="underline hover:text-ink">
            run
          </Link>
        )}
        {event.sessionId === null ? null : (
          <Link to="/audit" search={{ session: event.sessionId }} className="underline hover:text-ink">
            session
          </Link>
        )}
      </span>
    </span>
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
