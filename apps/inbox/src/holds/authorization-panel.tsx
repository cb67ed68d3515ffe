import type { AuthorizationQuestion, HoldDetail, JsonObject } from "@holdpoint/protocol";
import { AuthorizationFacts, Unseen } from "@holdpoint/react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { createAuthorizationLink } from "../service/end-user-queries.ts";
import { meQuery } from "../service/queries.ts";
import { Button } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { ProblemNotice } from "../ui/problem-notice.tsx";
import { Ago } from "../ui/time.tsx";
import { useEndUser } from "./use-end-user.ts";

/** Which roles may ask for the address of a sign-in, as the service has it. */
const MAY_ASK: ReadonlySet<string | null> = new Set(["operator", "admin"]);

/** What an end user is asked to connect. Only they can do it, at the provider: an operator can hand them the address. */
export function AuthorizationPanel({ hold, question }: { hold: HoldDetail; question: JsonObject }) {
  const asked = question as unknown as AuthorizationQuestion;
  const { data: me } = useQuery(meQuery);
  const name = useEndUser(hold.endUserId);
  const isPending = hold.status === "pending";
  return (
    <div className="grid gap-3">
      <p>
        <span className="font-semibold">
          {name === undefined ? null : <Unseen text={name} />}
          {name === undefined ? <Unseen text={hold.endUserId ?? "An end user"} /> : null}
        </span>
        {name === undefined ? null : (
          <span className="text-quiet">
            {" "}
            (<Unseen text={hold.endUserId ?? ""} />)
          </span>
        )}{" "}
        {isPending ? "is asked to connect" : "was asked to connect"}{" "}
        <span className="font-semibold">
          <Unseen text={asked.label} />
        </span>
        , <Ago at={hold.createdAt} />.{isPending ? " Nobody else can do that for them." : null}
      </p>
      <AuthorizationFacts question={asked} />
      {isPending && MAY_ASK.has(me?.role ?? null) ? <HandOver holdId={hold.id} /> : null}
    </div>
  );
}

function HandOver({ holdId }: { holdId: string }) {
  const link = useMutation({ mutationFn: () => createAuthorizationLink(holdId) });
  return (
    <div>
      {link.isSuccess ? (
        <>
          <p className="flex flex-wrap items-center gap-2">
            Give it to the end user and to nobody else: it works once, for ten minutes.
            <CopyButton text={link.data.url} what="the address of the sign-in" />
          </p>
        </>
      ) : (
        <Button isBusy={link.isPending} onPress={() => link.mutate()}>
          Make an address for them
        </Button>
      )}
      {link.isError ? (
        <div className="mt-2">
          <ProblemNotice error={link.error} />
        </div>
      ) : null}
    </div>
  );
}
