import pg from "pg";
import { expect, test } from "vitest";
import { openDatabase } from "../../src/database/database.ts";
import { migrate } from "../../src/database/migrations.ts";
import { seedOrganisation } from "../../src/testing/organisation.ts";
import { startPostgres } from "../../src/testing/postgres-server.ts";
import { silentLogger as logger } from "../../src/testing/silent-logger.ts";

/** Production: the owner of the database is no superuser, it may only make roles. */
test(
  "a login that may make roles and owns its database migrates, twice, and the service works on it",
  { timeout: 120_000 },
  async () => {
    const server = await startPostgres();
    try {
      const admin = new pg.Client({ connectionString: server.url() });
      await admin.connect();
      await admin.query("create role plain login createrole");
      await admin.query("create database plain owner plain");
      await admin.query("create database plain_too owner plain");
      await admin.end();
      for (const name of ["plain", "plain_too"]) {
        const database = await openDatabase({ url: server.url(name, "plain"), logger });
        await database.ownerSession((owner) => migrate(owner));
        await database.ownerSession((owner) => migrate(owner));
        const org = await seedOrganisation(database);
        expect(await database.call("whoami_v1", org.adminHash)).toMatchObject({ member_name: "Ada" });
        expect(await database.query("select current_user as role")).toEqual([{ role: "hp_app" }]);
        await database.close();
      }
    } finally {
      await server.stop();
      await server.remove();
    }
  },
);
