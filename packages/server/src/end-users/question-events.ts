import type { QuestionEvent } from "@holdpoint/protocol";
import type { Database } from "../database/database.ts";
import { renderInstant } from "../database/instant.ts";
import type { EventCursor, ReadLogEvent } from "../events/event-log.ts";
import type { HoldRow } from "../holds/hold-row.ts";
import { notAnEndUser } from "./end-user-credential.ts";
import { renderOwnQuestion, type AgentNames } from "./own-question.ts";

/** Who an end user's credential is at the moment. */
export interface EndUserPrincipal {
  orgId: string;
  endUserId: string;
  via: "page" | "token";
}

/** Throws `unauthorized` for a credential that does not count now. One round trip. */
export async function whoIsEndUser(database: Database, credentialHash: string): Promise<EndUserPrincipal> {
  const who = (await database.callIdempotent("whois_end_user_v1", credentialHash)) as EndUserPrincipal | null;
  if (who === null) throw notAnEndUser();
  return who;
}

interface StoredQuestionEvent {
  isSafe: boolean;
  id: string;
  xid: string | number;
  type: QuestionEvent["type"];
  createdAt: string;
  hold: HoldRow;
}

/** A page of a person's events after a cursor: never more of a hold than they see when they ask for it. One round trip. */
export async function readQuestionEvents(
  { database, agentName }: { database: Database; agentName: AgentNames },
  who: EndUserPrincipal,
  after: EventCursor,
  limit: number,
): Promise<ReadLogEvent<QuestionEvent>[]> {
  const { now, events } = (await database.callIdempotent(
    "read_question_events_v1",
    who.orgId,
    who.endUserId,
    after.xid,
    after.id,
    limit,
  )) as { now: string; events: StoredQuestionEvent[] };
  return events.map(({ isSafe, id, xid, type, createdAt, hold }) => ({
    event: { id, type, createdAt: renderInstant(createdAt), data: renderOwnQuestion(hold, now, agentName) },
    isSafe,
    cursor: { xid: String(xid), id },
  }));
}
