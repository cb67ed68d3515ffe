import { useMutation } from "@tanstack/react-query";
import { createGrant, type NewGrant } from "../service/grant-queries.ts";
import { queryClient } from "../service/queries.ts";
import { announce } from "../shell/announcer.tsx";

/** Makes a decision a standing permission. Said only once the service has said it. */
export function useGrant() {
  return useMutation({
    mutationFn: (grant: NewGrant) => createGrant(grant),
    onSuccess: () => announce("Allowed from now on."),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["grants"] }),
  });
}
