// Writes docs/reference/events.md from the list of events: `node scripts/reference-events.ts`.
import { writeFileSync } from "node:fs";
import { EVENT_TYPES, RUN_TEXT, type EventType, type eventSchema } from "../packages/protocol/src/event.ts";
import { code, referencePath, renderPage, renderTable } from "./reference-markdown.ts";
import { readServerSources } from "./reference-sources.ts";

/** When each is written. An event without an answer here is a type error. */
const MEANINGS: Record<EventType, string> = {
  "hold.created": "A person is asked. `data` has what is shown: action, hash, reasons, tier, deadline.",
  "hold.decided":
    "A person decided, or `onTimeout: approve` did. The audit log calls it by its outcome: `approved`, `modified`, `rejected`, `skipped`, `answered`.",
  "hold.expired": "The deadline passed with nobody deciding; nothing is executed.",
  "hold.kept": "The deadline passed with `onTimeout: hold`; the hold waits on, without a deadline.",
  "hold.cancelled": "Whoever asked, or an operator, withdrew the hold.",
  "hold.escalated":
    "Nobody decided in time: more people are asked (`data.asked`), or with `onTimeout: escalate` others instead.",
  "hold.assigned": "A person took the hold for a while.",
  "hold.deferred": "A person put the hold off.",
  "hold.reevaluated":
    "The policy changed while the hold waited, and asks for it otherwise: `data.before` and `data.after` have level, route, quorum and strength. Votes given before count no more.",
  "hold.voted":
    "A person said yes or no, and others still have to. `data.votedFor` has the hash of the bytes.",
  "hold.reminded": "Those who are asked are reminded.",
  "action.auto_proceeded": "The policy let the action run without asking a person.",
  "action.refused":
    "A call was not executed whatever anybody said: unknown tool, arguments that do not fit, the step limit, or a tool changed after its approval.",
  "action.executing":
    "The single claim on the action was redeemed; it starts now. `data.action` has the arguments that run.",
  "action.executed": "The action succeeded; `data` has its result.",
  "action.failed": "The action failed; `data` has its error.",
  "action.suspended":
    "The action asked a person something and waits: `data.asks` has the questions' holds. It starts again when all are settled (`action.executing` with `data.because` `resumed`).",
  "action.unknown":
    "The process died between start and record. A person is asked what became of it, unless the tool is idempotent.",
  "action.taken_over": "A person took a call over and gave its result by hand, and why.",
  "action.withdrawn": "A call was withdrawn before it was executed, by whom and why.",
  "action.amended":
    "A person changed the arguments of a call that waited for a decision; it is asked about anew.",
  "action.reused":
    "A run that goes on from another proposed what that one had executed: its result was taken over, nothing was executed.",
  "run.started": "A worker took up the run.",
  "run.step": "The model has answered once; `data` has text, usage and the calls that it proposes.",
  "run.holding": "Every open call of the run waits for a person.",
  "run.paused": "An operator paused the run.",
  "run.resumed": "The run goes on after it was held or paused.",
  "run.completed": "The run ended with an answer, or at its step limit.",
  "run.failed": "The run ended with an error.",
  "run.cancelled": "An operator cancelled the run.",
  "run.killed": "An operator broke the run off.",
  "run.message": "An operator told the agent something; it hears it before its next step.",
  "run.forked": "This run goes on from a step of another that had ended; who made it, and why.",
  "run.lost":
    "Nothing is heard any more of a run that lives elsewhere. `data.holdIds` are its open holds: they are marked, and can be decided all the same.",
  "run.found": "A run that was lost is heard of again.",
  "run.deleted":
    "An admin deleted a run: how many runs went with those that it had called, and how many holds. Its entries stay.",
  "order.given":
    "An operator paused all runs (`data.scope` is all), an agent's or a session's; or threw the kill-switch of an agent or a tool (`data.kind` is hold).",
  "order.lifted": "An operator lifted such an order.",
  "session.deleted":
    "A session was deleted by an admin, or because its time was over: how many runs, holds and entries, not whose.",
  "agent.created":
    "An operator made an agent over the API: `data` has its tools and what it asks for beyond them.",
  "agent.deleted": "An operator took such an agent away.",
  "policy.changed":
    "Somebody changed the policy, or the config file did: `data` has the version, the comment and which rules and parts changed.",
  "grant.created":
    "A person gave a standing permission; `data` has its terms, and the hold that it comes from.",
  "grant.revoked": "A person took a standing permission back; no action proceeds by it from then on.",
  "sample.reviewed":
    "A person judged an action that had proceeded by itself: `data.verdict` is `correct`, `incorrect` or `unsure`.",
  "delegation.created": "One person stands in for another, for a time.",
  "delegation.revoked": "That was ended early.",
  "connection.created": "An end user has signed in at a provider: their agents can go on.",
  "connection.extended": "A sign-in was given wider scopes.",
  "connection.refreshed": "Its access token was renewed, without anybody.",
  "connection.expired": "The provider takes its tokens no more: the person is asked again when it is needed.",
  "connection.revoked": "It was ended, at the provider too where that is offered.",
  "end_user.linked": "A link to their questions was made for an end user, or a device brought its code.",
  "end_user.link_ended":
    "Such a link works no more: it was revoked, or too many wrong codes were brought; `data.reason` says which.",
  "audit.erased":
    "An admin erased what the audit log held of an end user or a session; how many entries, not of whom",
};

/** The whole page, as it is in the repository. */
export function renderEventsPage(): string {
  const sources = readServerSources("database/functions", "holds", "runs", "policies", "connections");
  const isWritten = (name: string) => sources.includes(`"${name}"`) || sources.includes(`'${name}'`);
  const rows = Object.entries(EVENT_TYPES).map(([name, auditName]) => [
    code(name),
    code(auditName),
    MEANINGS[name as EventType],
  ]);
  const unwritten = Object.keys(EVENT_TYPES).filter((name) => !isWritten(name));
  return renderPage("Events", "`packages/protocol/src/event.ts`", "reference-events.ts", [
    "Each transition of a hold, a call or a run writes one event, in the transaction of the transition. The same events are the stream of `GET /v1/events` and `GET /v1/runs/{id}/events`, and the audit log of `GET /v1/audit`.",
    "## Types",
    renderTable([["event", "in the audit report", "when"], ...rows]),
    ...(unwritten.length === 0
      ? []
      : [`In the list, and not written by this version: ${unwritten.map(code).join(", ")}.`]),
    "## Members",
    renderTable([["member", "content"], ...members()]),
    "## Streams",
    "Streams are server-sent events. `event:` is the type and `data:` the event as JSON. `id:` is a cursor: send the last one as `Last-Event-ID` to go on where a connection broke. After that an event may come twice and none is missing, so drop what you have seen by `data.id`. A comment comes every 15 seconds while nothing happens. A stream of a run starts at its first event and ends with the run; a stream of the organisation starts now.",
    "Beyond the streams that an instance keeps open (`HOLDPOINT_STREAMS`, `HOLDPOINT_STREAMS_PER_CREDENTIAL`) the answer is 503 or 429 with `Retry-After`. A reader that takes nothing for 30 seconds while 256 KiB wait for it is dropped; it resumes like after any break. More in [Streams](../explanation/streams.md).",
    `A stream of a run also sends \`${RUN_TEXT}\` while the model speaks: text so far, without an id and not stored. The finished \`run.step\` has the whole text.`,
    "## WebSocket",
    '`GET /v1/ws` tells the events of `GET /v1/events` as JSON messages. In the query: `runId` or `holdId` to filter, `after` with a cursor to resume. A key comes as `Authorization` or `X-API-Key`; a session\'s cookie counts with the `Origin` of this server\'s own pages only. A browser that holds a key gets a ticket with `POST /v1/ws-tickets` and offers it as a subprotocol: `new WebSocket(url, ["holdpoint.v1", "holdpoint.ticket." + ticket])`. A ticket is good for 30 seconds, and once at an instance.',
    renderTable([
      ["message", "from", "meaning"],
      [code('{"type":"open","cursor"}'), "server", "The first one: the stream begins behind this cursor."],
      [
        code('{"type":"event","cursor","event"}'),
        "server",
        "An event, and the cursor to resume from once it is dealt with.",
      ],
      [
        code('{"type":"ack","cursor"}'),
        "client",
        "Optional: everything up to this cursor is dealt with. Who acknowledges once is waited for after 1,000 events that it has not acknowledged.",
      ],
    ]),
    "The server pings every 15 seconds and ends a connection that answers none. The reason of a close is a word and the cursor to resume from, as in `slow; resume=812.evt_…`: the acknowledged one, or the last that was sent.",
    renderTable([
      ["close code", "reason", "do"],
      ["1001", code("stopping"), "The instance stops. Resume; another one answers."],
      ["1003, 1007, 1009", "", "A message was binary, no acknowledgement, or over 4 KiB. Mend the client."],
      [
        "1008",
        code("refused"),
        "The right to read has ended, or a cursor was acknowledged that was not sent.",
      ],
      ["1011", code("failed"), "The log could not be read. Resume in a second."],
      [
        "1013",
        code("slow"),
        "Too little was read or acknowledged for 30 seconds. Usually seen as 1006, since the close waits behind what is not read. Resume.",
      ],
    ]),
    "A refusal before the WebSocket opens is the answer of a request: a status and a problem. Where an own server does not pass upgrades on, `GET /v1/ws` answers 426 `upgrade_required`.",
  ]);
}

const MEMBERS: Record<keyof typeof eventSchema.shape, string> = {
  id: "`evt_…`; de-duplicate by it.",
  type: "One of the types above.",
  createdAt: "The database's time, ISO 8601 in UTC.",
  actor: "`{kind, id, name}`; `kind` is `member`, `agent`, `system` or `end_user`.",
  decision: "How the hold ended, for a decision; else null.",
  rationale: "The comment or reason that was given.",
  actionName: "The tool.",
  actionHash: "The hash of the action that the event is about.",
  holdId: "The hold.",
  runId: "The run.",
  toolCallId: "The call.",
  sessionId: "The conversation, as the app named it.",
  agentId: "The agent.",
  endUserId: "For whom the agent works, as the app named them.",
  data: "More, by type.",
};

function members(): string[][] {
  return Object.entries(MEMBERS).map(([name, content]) => [code(name), content]);
}

if (import.meta.main) writeFileSync(referencePath("events"), renderEventsPage());
