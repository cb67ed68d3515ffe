// PGlite as a server: one session at a time, and a restart when it dies.
//
// Owns: the PGlite instance, who may talk to it, its death and reopening. Does not own: the pool, the lock of
// the folder, what is in the database.
// E1  One session at a time; the next begins only after the former has rolled back and discarded its state.
// E2  An instance that threw anything but PostgreSQL's own longjmp (a PANIC, a trap) never runs again: its
//     memory is not to be trusted. The folder is opened anew, which is PostgreSQL's crash recovery.
import { PGlite, protocol, type PGliteOptions } from "@electric-sql/pglite";
import { EmbeddedDatabaseDiedError } from "../database-error.ts";
import { DurableFileSystem, type DiskOperations } from "./durable-file-system.ts";

/** PostgreSQL's error handling, which PGlite catches and goes on from. */
const LONGJMP_STATUS = 100;

// PGlite's own, without -F (which turns fsync off), and with what one process on one folder needs: it has no
// checkpointer, and 128 MB of shared buffers would double the memory of the process.
const START_PARAMETERS = [
  "--single",
  "-O",
  "-j",
  ...Object.entries({
    search_path: "public",
    exit_on_error: "false",
    log_checkpoints: "false",
    max_worker_processes: "0",
    max_parallel_workers: "0",
    max_parallel_workers_per_gather: "0",
    max_parallel_maintenance_workers: "0",
    io_method: "sync",
    shared_buffers: "32MB",
    min_wal_size: "32MB",
    max_wal_size: "128MB",
  }).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
];
const DURABLE_PARAMETERS = ["-c", "fsync=on", "-c", "wal_sync_method=fsync"];
const IN_MEMORY_PARAMETERS = ["-c", "fsync=off"];

export interface EngineOptions {
  /** Absent: in memory. */
  folder?: string;
  /** A dumped data folder to start from; only in memory. */
  image?: Blob;
  disk?: DiskOperations;
}

/** The low-level calls that are watched for a death. */
interface EngineModule {
  _PostgresMainLoopOnce: () => void;
  _IsTransactionBlock: () => number;
}

interface Instance {
  readonly lite: PGlite;
  readonly files: DurableFileSystem | undefined;
  death: EmbeddedDatabaseDiedError | undefined;
}

export class EmbeddedEngine {
  readonly #options: EngineOptions;
  #instance: Instance | undefined;
  #queue: Promise<void> = Promise.resolve();
  #lastWords = "";
  #isClosed = false;

  private constructor(options: EngineOptions) {
    this.#options = options;
  }

  /** Opens the folder, creating the database when it is empty; recovers it after a crash. */
  static async open(options: EngineOptions): Promise<EmbeddedEngine> {
    const engine = new EmbeddedEngine(options);
    engine.#instance = await engine.#start();
    return engine;
  }

  /** For a new database: two of its three are never used, and each file of theirs is synced in a recovery. */
  async dropTemplates(): Promise<void> {
    await this.run("update pg_database set datistemplate = false");
    await this.run("drop database template0");
    await this.run("drop database template1");
    await this.run("checkpoint");
  }

  /** Bytes written to the folder since it was opened. */
  get bytesWritten(): number {
    return this.#instance?.files?.bytesWritten ?? 0;
  }

  /** Resolves when no other session is open, to the function that ends this one (E1). Reopens after a death. */
  async enter(): Promise<() => void> {
    const former = this.#queue;
    const { promise, resolve: leave } = Promise.withResolvers<void>();
    this.#queue = promise;
    await former;
    try {
      if (this.#isClosed) throw new Error("The embedded database is closed.");
      this.#instance ??= await this.#restart();
      return leave;
    } catch (error) {
      leave();
      throw error;
    }
  }

  /** Sends protocol messages; only inside a session. An error response is among the answers, a death throws. */
  async exchange(messages: Uint8Array): Promise<Awaited<ReturnType<PGlite["execProtocolStream"]>>> {
    const instance = this.#alive();
    try {
      return await instance.lite.execProtocolStream(messages, { throwOnError: false, syncToFs: false });
    } finally {
      this.#bury(instance);
    }
  }

  /** Runs one statement outside the protocol of a client; throws what it fails with. */
  async run(sql: string): Promise<void> {
    for (const answer of await this.exchange(protocol.serialize.query(sql))) {
      if (answer instanceof Error) throw answer;
    }
  }

  /** True while a transaction is open, failed or not. */
  isInTransaction(): boolean {
    return moduleOf(this.#alive().lite)._IsTransactionBlock() !== 0;
  }

  get isAlive(): boolean {
    return this.#instance !== undefined;
  }

  /** The data folder as a tar archive; only inside a session. */
  async dump(): Promise<Blob> {
    await this.run("checkpoint");
    return this.#alive().lite.dumpDataDir("none");
  }

  /** Waits for the open session, then writes a last checkpoint and closes the files. */
  async close(): Promise<void> {
    await this.#queue;
    this.#isClosed = true;
    const instance = this.#instance;
    this.#instance = undefined;
    await instance?.lite.close();
  }

  #alive(): Instance {
    if (this.#instance) return this.#instance;
    throw new Error("The embedded database is not open.");
  }

  /** Memory that died holds nothing to recover: an empty database in its place would be a lie. */
  async #restart(): Promise<Instance> {
    if (this.#options.folder === undefined) throw this.#death(undefined, undefined);
    return this.#start();
  }

  async #start(): Promise<Instance> {
    const { folder, image, disk } = this.#options;
    this.#lastWords = "";
    const files = folder === undefined ? undefined : new DurableFileSystem(folder, disk);
    const options: PGliteOptions = {
      ...(files && { fs: files }),
      ...(image && { loadDataDir: image }),
      startParams: [...START_PARAMETERS, ...(files ? DURABLE_PARAMETERS : IN_MEMORY_PARAMETERS)],
    };
    const lite = new PGlite({ ...options, ...this.#listening() });
    try {
      await lite.waitReady;
    } catch (error) {
      files?.abandon();
      throw this.#death(files, error);
    }
    const instance: Instance = { lite, files, death: undefined };
    this.#watch(instance);
    return instance;
  }

  /** What PostgreSQL says on its standard error last is the reason of its death. */
  #listening(): object {
    return {
      onStderr: (line: string) => {
        if (/PANIC|FATAL/.test(line)) this.#lastWords = line.replace(/^.*?(PANIC|FATAL)/, "$1").trim();
        return false;
      },
    };
  }

  /**
   * PGlite swallows every exception of its main loop and calls it again; after a PANIC that is an endless loop.
   * It reads `status` of what was thrown, outside its `try`: an error whose `status` throws gets out.
   */
  #watch(instance: Instance): void {
    const module = moduleOf(instance.lite);
    const loopOnce = module._PostgresMainLoopOnce;
    module._PostgresMainLoopOnce = () => {
      try {
        loopOnce();
      } catch (thrown) {
        if (
          typeof thrown === "object" &&
          thrown !== null &&
          "status" in thrown &&
          thrown.status === LONGJMP_STATUS
        ) {
          throw thrown;
        }
        const death = this.#death(instance.files, thrown);
        instance.death = death;
        throw Object.defineProperty(new Error("death"), "status", {
          get() {
            throw death;
          },
        });
      }
    };
  }

  #death(files: DurableFileSystem | undefined, cause: unknown): EmbeddedDatabaseDiedError {
    const isDiskFull = files?.isDiskFull ?? false;
    return new EmbeddedDatabaseDiedError(
      this.#options.folder ?? "memory",
      this.#lastWords,
      isDiskFull,
      cause,
    );
  }

  /** E2. */
  #bury(instance: Instance): void {
    if (!instance.death) return;
    instance.files?.abandon();
    this.#instance = undefined;
    throw instance.death;
  }
}

function moduleOf(lite: PGlite): EngineModule {
  return lite.Module;
}
