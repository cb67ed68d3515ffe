// The OpenAPI document as the service gives it: made by a service that opens a database and serves nothing.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHoldpoint, defineConfig } from "holdpoint";

/** As much of JSON Schema as the service's schemas use. */
export interface Schema {
  type?: string | string[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  enum?: unknown[];
  const?: unknown;
  oneOf?: Schema[];
  anyOf?: Schema[];
  default?: unknown;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  maxItems?: number;
}

export interface Operation {
  summary: string;
  tags: string[];
  parameters?: { name: string; in: string; required: boolean; schema: Schema }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<string, { description: string; content?: Record<string, { schema?: Schema }> }>;
}

export interface OpenApiDocument {
  paths: Record<string, Record<string, Operation>>;
}

/** Takes some seconds: the embedded database is made for it, and thrown away. */
export async function readOpenApi(): Promise<OpenApiDocument> {
  const dataDir = await mkdtemp(join(tmpdir(), "holdpoint-reference-"));
  try {
    const holdpoint = await createHoldpoint({
      config: defineConfig({ agents: [] }),
      publicUrl: "http://localhost:7777",
      dataDir,
      environment: {},
    });
    try {
      const answer = await holdpoint.fetch(new Request("http://localhost:7777/openapi.json"));
      return (await answer.json()) as OpenApiDocument;
    } finally {
      await holdpoint.stop();
    }
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}
