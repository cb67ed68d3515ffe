import { onCall } from "@holdpoint/core";
import {
  createId,
  type CreateDelegation,
  type Delegation,
  type Rotation,
  type RotationView,
} from "@holdpoint/protocol";
import type { Database } from "../database/database.ts";
import { renderInstant, renderInstantOrNull } from "../database/instant.ts";
import { commonRefusal } from "./common-refusal.ts";
import { ProblemError } from "../problem.ts";
import { idempotencyColumns, type Idempotency } from "./idempotency.ts";

export interface DelegationDeps {
  database: Database;
  wakeups: { publish(topics: string[]): void };
}

interface Answer {
  code: string;
  needs?: string;
  member?: string;
  isSelf?: boolean;
  now: string;
  orgId: string;
  delegation: StoredDelegation;
}

type StoredDelegation = Omit<Delegation, "isActive">;

/**
 * Lets one person stand in for another until `endsAt`: from then on what `from` may decide, `to` may decide too, except what
 * `from` asked for and may not decide either. Throws for people who are not members, and for another's right without being
 * an admin.
 */
export async function createDelegation(
  deps: DelegationDeps,
  credentialHash: string,
  input: CreateDelegation,
  idempotency?: Idempotency,
): Promise<Delegation> {
  const answer = (await deps.database.callIdempotent("create_delegation_v1", {
    credentialHash,
    ...input,
    id: createId("dlg"),
    eventId: createId("evt"),
    ...idempotencyColumns(credentialHash, idempotency),
  })) as Answer;
  return finish(deps, answer, "");
}

/** Ends a delegation at once. Ending it again changes nothing. */
export async function revokeDelegation(
  deps: DelegationDeps,
  credentialHash: string,
  id: string,
): Promise<Delegation> {
  const answer = (await deps.database.callIdempotent("revoke_delegation_v1", {
    credentialHash,
    id,
    eventId: createId("evt"),
  })) as Answer;
  return finish(deps, answer, id);
}

/** Newest first, at most 500. */
export async function listDelegations(
  database: Database,
  credentialHash: string,
  withEnded: boolean,
): Promise<Delegation[]> {
  const answer = (await database.callIdempotent(
    "list_delegations_v1",
    credentialHash,
    withEnded,
  )) as Answer & {
    delegations: StoredDelegation[];
  };
  if (answer.code !== "ok") throw refusal(answer, "");
  return answer.delegations.map((delegation) => render(delegation, answer.now));
}

/** Who is on call in each rotation of the policy in force, by the database's clock. */
export async function listRotations(database: Database, credentialHash: string): Promise<RotationView[]> {
  const answer = (await database.callIdempotent("list_rotations_v1", credentialHash)) as Answer & {
    rotations: Record<string, Rotation>;
  };
  if (answer.code !== "ok") throw refusal(answer, "");
  return Object.entries(answer.rotations).map(([name, rotation]) => {
    const { person, until, next } = onCall(rotation, renderInstant(answer.now));
    return { name, timeZone: rotation.timeZone, onCall: person, until: renderInstantOrNull(until), next };
  });
}

function finish(deps: DelegationDeps, answer: Answer, id: string): Delegation {
  if (answer.code !== "ok" && answer.code !== "repeated") throw refusal(answer, id);
  if (answer.code === "ok") deps.wakeups.publish([`org:${answer.orgId}`]);
  return render(answer.delegation, answer.now);
}

function render(stored: StoredDelegation, now: string): Delegation {
  const [startsAt, endsAt, at] = [stored.startsAt, stored.endsAt, now].map(renderInstant) as [
    string,
    string,
    string,
  ];
  return {
    ...stored,
    startsAt,
    endsAt,
    createdAt: renderInstant(stored.createdAt),
    revokedAt: renderInstantOrNull(stored.revokedAt),
    isActive: stored.revokedAt === null && startsAt <= at && at < endsAt,
  };
}

function refusal(answer: Answer, id: string): Error {
  switch (answer.code) {
    case "not_found":
      return new ProblemError("not_found", `There is no delegation ${id} here.`);
    case "member_not_found":
      return new ProblemError(
        "not_found",
        `There is no member ${answer.member ?? ""}: give an id or a mail address.`,
      );
    case "invalid":
      return answer.isSelf === true
        ? new ProblemError("invalid_request", "Nobody stands in for themselves.", {
            errors: [{ path: "to", message: "is the same person as from" }],
          })
        : new ProblemError(
            "invalid_request",
            "A delegation ends after it starts, in the future, within a year.",
            {
              errors: [{ path: "endsAt", message: "must be later than startsAt and now, and within a year" }],
            },
          );
    default: {
      const common = commonRefusal(answer);
      if (common !== undefined) return common;
      return new TypeError(`hot function answered with an unknown code: ${answer.code}`);
    }
  }
}
