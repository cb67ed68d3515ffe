import type { EndUserToken } from "@holdpoint/protocol";
import type { Database } from "../database/database.ts";
import { renderInstant } from "../database/instant.ts";
import { randomToken, repeatableToken } from "../identity/credential.ts";
import { idempotencyColumns } from "../identity/idempotency.ts";
import type { Secret } from "../identity/secret.ts";
import { hashEndUserToken, renderEndUserToken } from "./end-user-credential.ts";
import type { NewLink } from "./end-user-link.ts";
import { assertManaged, type ManageAnswer } from "./refusal.ts";

/** Whoever asks vouches for the person: a decision by this token names them. Repeated, it tells the same token. */
export async function createEndUserToken(
  { database, secret }: { database: Database; secret: Secret },
  { credentialHash, endUserId, expiresInSeconds, idempotency }: NewLink,
): Promise<EndUserToken> {
  const token = renderEndUserToken(
    idempotency
      ? repeatableToken(secret, "end-user-token", credentialHash, endUserId, idempotency.key)
      : randomToken(),
  );
  const answer = (await database.callIdempotent("create_end_user_token_v1", {
    credentialHash,
    endUserId,
    hash: hashEndUserToken(token),
    expiresInSeconds,
    ...idempotencyColumns(`${credentialHash} ${endUserId}`, idempotency),
  })) as ManageAnswer & { token: { expires_at: string } };
  assertManaged(answer, `end user ${endUserId}`);
  return { token, expiresAt: renderInstant(answer.token.expires_at) };
}
