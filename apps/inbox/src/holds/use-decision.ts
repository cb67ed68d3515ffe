import { HoldpointApiError } from "@holdpoint/client";
import type { DecisionInput, Hold, HoldDetail } from "@holdpoint/protocol";
import { useMutation } from "@tanstack/react-query";
import { useRef } from "react";
import { holdpoint } from "../service/client.ts";
import { holdQuery, queryClient } from "../service/queries.ts";
import { announce } from "../shell/announcer.tsx";
import { lookOf } from "../words/hold-words.ts";
import { approvalsOf } from "./votes.ts";

/**
 * Sends a decision. Nothing is shown as decided before the service has said so (defect 32), and whatever it answers,
 * the hold is read again.
 */
export function useDecision(hold: Hold) {
  const sent = useRef<{ body: string; key: string } | undefined>(undefined);
  return useMutation({
    mutationFn: (input: DecisionInput) => {
      const body = JSON.stringify(input);
      // Pressed again after a lost answer it is the same request, not a second one.
      if (sent.current?.body !== body) sent.current = { body, key: crypto.randomUUID() };
      return holdpoint.holds.decide(hold.id, input, { idempotencyKey: sent.current.key });
    },
    onSuccess: (decided) => {
      writeHold(decided);
      announce(
        decided.status === "pending"
          ? `Your vote counts: ${approvalsOf(decided)} of ${decided.quorum.required} approvals.`
          : lookOf(decided).word,
      );
    },
    onSettled: () => refresh(hold.id),
  });
}

/** Not now, and taking up again: for this person only. */
export function useDeferral(hold: HoldDetail) {
  return useMutation({
    mutationFn: () =>
      hold.deferredAt === null ? holdpoint.holds.defer(hold.id) : holdpoint.holds.takeUp(hold.id),
    onSuccess: () =>
      announce(hold.deferredAt === null ? "Put off. Its deadline runs on." : "Taken up again."),
    onSettled: () => refresh(hold.id),
  });
}

export interface Winner {
  name: string;
  status: Exclude<Hold["status"], "pending">;
  decidedAt: string | null;
}

/** Who was faster, out of the refusal that told so (I3). */
export function winnerOf(error: unknown): Winner | undefined {
  if (!(error instanceof HoldpointApiError) || error.code !== "already_decided") return undefined;
  const winner = error.problem["winner"] as
    | { status?: Winner["status"]; by?: { name?: string } | null; decidedAt?: string | null }
    | undefined;
  if (winner?.status === undefined) return undefined;
  return { name: winner.by?.name ?? "Somebody", status: winner.status, decidedAt: winner.decidedAt ?? null };
}

function writeHold(decided: Hold): void {
  queryClient.setQueryData(holdQuery(decided.id).queryKey, (known) =>
    known === undefined || known.version > decided.version ? known : { ...known, ...decided },
  );
}

async function refresh(id: string): Promise<void> {
  await Promise.all([
    queryClient.invalidateQueries({ queryKey: ["hold", id] }),
    queryClient.invalidateQueries({ queryKey: ["holds"] }),
  ]);
}
