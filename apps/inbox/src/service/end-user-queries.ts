import type { AuthorizeAnswer, EndUser } from "@holdpoint/protocol";
import { queryOptions } from "@tanstack/react-query";
import { holdpoint } from "./client.ts";

/** Names change rarely, and no event says so: read once for each load of the page. */
export function endUserQuery(id: string) {
  return queryOptions({
    queryKey: ["end-user", id],
    queryFn: ({ signal }) =>
      holdpoint.request<EndUser>("GET", `/v1/end-users/${encodeURIComponent(id)}`, { signal }),
  });
}

/** The address at which the end user of that authorization signs in at the provider. Single use, ten minutes. */
export function createAuthorizationLink(holdId: string): Promise<AuthorizeAnswer> {
  return holdpoint.request<AuthorizeAnswer>("POST", "/v1/connections/authorize", { body: { holdId } });
}
