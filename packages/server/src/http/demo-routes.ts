import { z } from "zod";
import type { DefinedConfig } from "../agents/config.ts";
import { inOwnerTransaction } from "../agents/owner-database.ts";
import type { Database } from "../database/database.ts";
import { credentialHashOf } from "./credential.ts";
import { requireRight, type Principals } from "../identity/principal.ts";
import { ProblemError } from "../problem.ts";
import { route, type App } from "./route.ts";

export interface DemoRouteDeps {
  database: Database;
  principals: Principals;
  config: Pick<DefinedConfig, "demo">;
}

/** Puts an example's data back. The embedded database has one process, so the running service must do it. */
export function addDemoRoutes(app: App, { database, principals, config }: DemoRouteDeps): void {
  route(
    app,
    {
      method: "post",
      path: "/v1/demo/reset",
      tag: "Demo",
      summary: "Put the data of an example back as its config says (admins)",
      responses: {
        200: {
          description: "Done",
          schema: z.object({ reset: z.literal(true), log: z.array(z.string()) }),
        },
      },
    },
    async (context) => {
      requireRight(await principals.get(credentialHashOf(context)), { scopes: [], roles: ["admin"] });
      const { demo } = config;
      if (demo === undefined) {
        throw new ProblemError("unsupported", "The config of this service has no demo to reset.");
      }
      const said: string[] = [];
      await inOwnerTransaction(database, (owner) =>
        demo.reset({ database: owner, log: (message) => said.push(message) }),
      );
      return context.json({ reset: true, log: said });
    },
  );
}
