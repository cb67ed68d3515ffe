import { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";
import pg from "pg";

export interface OpenSaver {
  readonly saver: PostgresSaver;
  readonly close: () => Promise<void>;
}

/** LangGraph.js's saver for production, with its tables made, on a pool as large as the others'. */
export async function openSaver(url: string, poolSize: number): Promise<OpenSaver> {
  const pool = new pg.Pool({ connectionString: url, max: poolSize });
  const saver = new PostgresSaver(pool);
  await saver.setup();
  return { saver, close: () => pool.end() };
}
