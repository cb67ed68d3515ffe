// PGlite's folder on disk, with real durability.
//
// Owns: how PGlite's file operations reach the disk, and which files it has open. PGlite itself starts with
// fsync off and its file system ignores fsync; with this one and `-c fsync=on -c wal_sync_method=fsync` every
// commit is one fdatasync (I4).
import { NodeFS } from "@electric-sql/pglite/nodefs";
import { closeSync, fdatasyncSync } from "node:fs";

interface FileStream {
  nfd: number;
  shared: { refcount: number };
}

interface FileStreamOperations {
  open: (stream: FileStream) => void;
  close: (stream: FileStream) => void;
  fsync?: (stream: FileStream) => number;
  write: (
    stream: FileStream,
    buffer: Uint8Array,
    offset: number,
    length: number,
    position?: number,
  ) => number;
}

interface FileNodeOperations {
  mknod: (parent: unknown, name: string, mode: number, device: number) => unknown;
}

/** Emscripten's file system over `node:fs`, as PGlite's module carries it. */
interface NodeFileSystem {
  stream_ops: FileStreamOperations;
  node_ops: FileNodeOperations;
  /** Turns errors of `node:fs` into errno values that PostgreSQL understands. */
  tryFSOperation<T>(operation: () => T): T;
}

const EMSCRIPTEN_ENOSPC = 51;

/** What reaches the disk. Tests count and fail here, below the database. */
export interface DiskOperations {
  fdatasync(fd: number): void;
  /** Called before bytes are written or a file is made; may throw an error as `node:fs` would. */
  beforeWrite?(bytes: number): void;
}

type Initialised = Awaited<ReturnType<NodeFS["init"]>>;

export class DurableFileSystem extends NodeFS {
  readonly #disk: DiskOperations;
  readonly #openFiles = new Set<number>();
  /** Written since the start, in bytes: says when a checkpoint is due. */
  bytesWritten = 0;
  /** The last failure was for want of space. */
  isDiskFull = false;

  constructor(folder: string, disk: DiskOperations = { fdatasync: fdatasyncSync }) {
    super(folder);
    this.#disk = disk;
  }

  override async init(...[pg, options]: Parameters<NodeFS["init"]>): Promise<Initialised> {
    const initialised = await super.init(pg, options);
    initialised.emscriptenOpts.preRun = [
      ...(initialised.emscriptenOpts.preRun ?? []),
      (module: unknown) => this.#instrument((module as { NODEFS: NodeFileSystem }).NODEFS),
    ];
    return initialised;
  }

  /** Closes what a database that died has left open. Only for a database that will never run again. */
  abandon(): void {
    for (const fd of this.#openFiles) closeSync(fd);
    this.#openFiles.clear();
  }

  #instrument(files: NodeFileSystem): void {
    const { open, close, write } = files.stream_ops;
    const { mknod } = files.node_ops;
    files.stream_ops.fsync = (stream) => {
      files.tryFSOperation(() => this.#observe(() => this.#disk.fdatasync(stream.nfd)));
      return 0;
    };
    files.stream_ops.write = (stream, buffer, offset, length, position) =>
      files.tryFSOperation(() =>
        this.#observe(() => {
          this.#disk.beforeWrite?.(length);
          const written = write(stream, buffer, offset, length, position);
          this.bytesWritten += written;
          this.isDiskFull = false;
          return written;
        }),
      );
    files.stream_ops.open = (stream) => {
      open(stream);
      this.#openFiles.add(stream.nfd);
    };
    files.stream_ops.close = (stream) => {
      close(stream);
      if (stream.shared.refcount === 0) this.#openFiles.delete(stream.nfd);
    };
    files.node_ops.mknod = (parent, name, mode, device) =>
      files.tryFSOperation(() =>
        this.#observe(() => {
          this.#disk.beforeWrite?.(0);
          return mknod(parent, name, mode, device);
        }),
      );
  }

  #observe<T>(operation: () => T): T {
    try {
      return operation();
    } catch (error) {
      this.isDiskFull ||= isNoSpace(error);
      throw error;
    }
  }
}

/** True for ENOSPC, as `node:fs` and as Emscripten report it. */
function isNoSpace(error: unknown): boolean {
  if (typeof error !== "object" || error === null) return false;
  return (
    ("code" in error && error.code === "ENOSPC") || ("errno" in error && error.errno === EMSCRIPTEN_ENOSPC)
  );
}
