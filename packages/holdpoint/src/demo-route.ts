import type { Database, DefinedConfig, Service, SetupContext } from "@holdpoint/server";
import { HoldpointError } from "@holdpoint/protocol";

/**
 * `POST /v1/demo/reset`: puts the data of an example back as its config says, in one transaction with the owner's
 * rights, as `setup` runs. For admins. The embedded database has one process, so the running service must do it.
 */
export function addDemoRoute(service: Service, config: DefinedConfig, database: Database): void {
  service.app.post("/v1/demo/reset", async (context) => {
    const credential = service.identity.credentialOf(context.req.raw);
    // Only admins may list members; a missing credential is refused as an unknown one is.
    await service.identity.members.listMembers(credential?.hash ?? "", { limit: 1, cursor: undefined });
    const { demo } = config;
    if (demo === undefined) {
      throw new HoldpointError("The config of this service has no demo to reset.", {
        code: "unsupported",
        status: 422,
      });
    }
    const said: string[] = [];
    await inOwnerTransaction(database, (owner) =>
      demo.reset({ database: owner, log: (message) => said.push(message) }),
    );
    return context.json({ reset: true, log: said });
  });
}

async function inOwnerTransaction(
  database: Database,
  work: (owner: SetupContext["database"]) => Promise<void>,
): Promise<void> {
  await database.ownerSession(async (owner) => {
    await owner.query("begin");
    try {
      await work({
        query: async <Row extends object>(text: string, values?: unknown[]) =>
          (await owner.query(text, values)).rows as Row[],
      });
      await owner.query("commit");
    } catch (error) {
      await owner.query("rollback").catch(() => undefined);
      throw error;
    }
  });
}
