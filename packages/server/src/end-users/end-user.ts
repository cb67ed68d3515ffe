import type { EndUser, EndUserInput, JsonObject, listEndUsersSchema } from "@holdpoint/protocol";
import type { z } from "zod";
import { decodeCursor, encodeCursor } from "../database/cursor.ts";
import type { Database } from "../database/database.ts";
import { renderInstant } from "../database/instant.ts";
import { assertManaged, type ManageAnswer } from "./refusal.ts";

/** A row of holdpoint.end_users as JSON. */
export interface EndUserRow {
  id: string;
  name: string | null;
  email: string | null;
  phone: string | null;
  additional_data: JsonObject;
  preferences: JsonObject;
  created_at: string;
  updated_at: string | null;
}

interface Counted {
  endUser: EndUserRow;
  openQuestions: number;
}

function render({ endUser: row, openQuestions }: Counted): EndUser {
  return {
    id: row.id,
    name: row.name,
    email: row.email,
    phone: row.phone,
    additionalData: row.additional_data,
    preferences: row.preferences,
    openQuestions,
    createdAt: renderInstant(row.created_at),
    updatedAt: renderInstant(row.updated_at ?? row.created_at),
  };
}

/** Throws `not_found` for one who was never named in this organisation. */
export async function getEndUser(database: Database, credentialHash: string, id: string): Promise<EndUser> {
  const answer = (await database.callIdempotent("get_end_user_v1", credentialHash, id)) as ManageAnswer &
    Counted;
  assertManaged(answer, `end user ${id}`);
  return render(answer);
}

/** Makes the person on first use. What is left out stays, null takes it away. */
export async function putEndUser(
  database: Database,
  credentialHash: string,
  id: string,
  input: EndUserInput,
): Promise<EndUser> {
  const answer = (await database.callIdempotent("put_end_user_v1", {
    credentialHash,
    id,
    set: input,
  })) as ManageAnswer & Counted;
  assertManaged(answer, `end user ${id}`);
  return render(answer);
}

/** A page by id. One round trip. */
export async function listEndUsers(
  database: Database,
  credentialHash: string,
  { cursor, ...query }: z.output<typeof listEndUsersSchema>,
): Promise<{ data: EndUser[]; nextCursor: string | null }> {
  const answer = (await database.callIdempotent("list_end_users_v1", {
    credentialHash,
    ...query,
    afterId: cursor === undefined ? undefined : decodeCursor(cursor, "end-users").id,
  })) as ManageAnswer & { page: Counted[] };
  assertManaged(answer, "end user");
  const data = answer.page.slice(0, query.limit).map(render);
  const last = data.at(-1);
  return {
    data,
    nextCursor:
      answer.page.length > query.limit && last !== undefined
        ? encodeCursor("end-users", { id: last.id, key: null })
        : null,
  };
}
