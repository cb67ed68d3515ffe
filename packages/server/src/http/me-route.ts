import { meSchema } from "@holdpoint/protocol";
import { credentialHashOf } from "./credential.ts";
import type { Principals } from "../identity/principal.ts";
import { route, type App } from "./route.ts";

/** `GET /v1/me`: whose credential this is. What it may do is for each route to say; this is for showing. */
export function addMeRoute(app: App, principals: Principals): void {
  route(
    app,
    {
      method: "get",
      path: "/v1/me",
      tag: "Members",
      summary: "Whose credential this is",
      responses: { 200: { description: "The person or machine behind it", schema: meSchema } },
    },
    async (context) => {
      const who = await principals.get(credentialHashOf(context));
      return context.json({
        orgId: who.orgId,
        kind: who.kind,
        memberId: who.memberId ?? null,
        name: who.memberName ?? null,
        role: who.role ?? null,
        agentId: who.agentId ?? null,
        scopes: who.scopes,
        now: new Date().toISOString(),
      });
    },
  );
}
