// package.json names @langchain/langgraph-sdk, which nothing here imports: it holds back a dependency of LangGraph.js whose
// newer patches ask for a newer @langchain/core than the registry offers, and npm then searches for minutes.
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
