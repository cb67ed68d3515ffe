import { migrate } from "../database/migrations.ts";
import { withOwnerConnection } from "../database/postgres-database.ts";
import type { PostgresServer } from "./postgres-server.ts";

/** A migrated database that others are copied from. */
export interface TemplateDatabase {
  /** A URL of the server with rights to create databases. */
  adminUrl: string;
  template: string;
}

/** Makes the template on a server. */
export async function makeTemplate(server: PostgresServer): Promise<TemplateDatabase> {
  const adminUrl = server.url();
  const template = "holdpoint_template";
  await withOwnerConnection(adminUrl, (admin) => admin.query(`create database ${template}`));
  await withOwnerConnection(server.url(template), (owner) => migrate(owner));
  return { adminUrl, template };
}

/** A new database copied from the template, and its removal. */
export async function cloneTemplate(
  { adminUrl, template }: TemplateDatabase,
  name: string,
): Promise<{ url: string; drop(): Promise<void> }> {
  await withOwnerConnection(adminUrl, (admin) => admin.query(`create database ${name} template ${template}`));
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    drop: () =>
      withOwnerConnection(adminUrl, async (admin) => {
        await admin.query(`drop database ${name} with (force)`);
      }),
  };
}
