import type { Database } from "../database/database.ts";
import { ProblemError } from "../problem.ts";
import type { App } from "./route.ts";

/** `/health` says that the process lives, `/ready` that it can serve. Neither asks who you are, and neither tells more. */
export function addHealthRoutes(app: App, database: Database, isStarted: () => boolean): void {
  const instantiatedAt = new Date().toISOString();
  app.get("/health", (context) => context.json({ status: "ok", instantiated_at: instantiatedAt }));
  app.get("/ready", async (context) => {
    if (!isStarted())
      throw new ProblemError("unavailable", "The service is starting or stopping.", {
        headers: { "retry-after": "1" },
      });
    await database.query("select 1");
    return context.json({ status: "ready" });
  });
}
