// The bare server: what the transport costs. Hono, @hono/node-server and pg, and nothing else. A process of its own.
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import pg from "pg";
import { becomeChild } from "../processes/child.ts";
import { CREATE_HOLD, DECIDE_HOLD } from "./statements.ts";

interface Row {
  id: string;
}

const pool = new pg.Pool({ connectionString: process.argv[2], max: Number(process.argv[3]) });
const app = new Hono();

app.post("/v1/holds", async (context) => {
  const { action } = await context.req.json<{ action: object }>();
  const { rows } = await pool.query<Row>({ ...CREATE_HOLD, values: [JSON.stringify(action)] });
  return context.json({ id: rows[0]?.id, action, status: "pending" }, 201);
});

app.post("/v1/holds/:id/decisions", async (context) => {
  const outcome = await context.req.json<object>();
  const id = context.req.param("id");
  const { rows } = await pool.query<Row>({ ...DECIDE_HOLD, values: [id, JSON.stringify(outcome)] });
  return rows.length === 0
    ? context.json({ error: "not pending" }, 409)
    : context.json({ id, status: "approved", outcome });
});

const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 }, ({ port }) => {
  becomeChild({
    ready: { url: `http://127.0.0.1:${port}` },
    stop: async () => {
      server.close();
      await pool.end();
    },
  });
});
