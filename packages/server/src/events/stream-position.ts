import { compareCursors, type EventCursor, type LogEvent, type ReadLogEvent } from "./event-log.ts";
import type { StreamEncoding } from "./stream-encoding.ts";

/**
 * How far a stream has told the log: everything up to `safe`, and of what lies above it those that are named. Never
 * changed, so that all streams that stand at the same place share one.
 */
export interface StreamPosition {
  readonly safe: EventCursor;
  readonly above: ReadonlySet<string>;
}

export interface ToldEvent {
  event: LogEvent;
  /** What may be resumed from once it was told. */
  safe: EventCursor;
}

const NOTHING_ABOVE: ReadonlySet<string> = new Set();

export function positionAt(cursor: EventCursor): StreamPosition {
  return { safe: cursor, above: NOTHING_ABOVE };
}

/** One read of the log: all that could be seen after a position, for whoever stands there or further on. */
export class Batch {
  readonly from: StreamPosition;
  readonly #read: readonly ReadLogEvent<LogEvent>[];
  #own: { told: ToldEvent[]; to: StreamPosition } | undefined;
  readonly #chunks = new Map<StreamEncoding, Uint8Array[]>();

  constructor(from: StreamPosition, read: readonly ReadLogEvent<LogEvent>[]) {
    this.from = from;
    this.#read = read;
  }

  get isEmpty(): boolean {
    return this.#read.length === 0;
  }

  /** Where whoever stood at `from` stands afterwards. */
  get to(): StreamPosition {
    return (this.#own ??= this.#tell(this.from)).to;
  }

  /** Whether nothing after that position can be missing here. */
  covers(position: StreamPosition): boolean {
    return position === this.from || compareCursors(this.from.safe, position.safe) <= 0;
  }

  /** What is new to who stands there. */
  newTo(position: StreamPosition): { told: ToldEvent[]; to: StreamPosition } {
    return position === this.from ? (this.#own ??= this.#tell(this.from)) : this.#tell(position);
  }

  /** The same as bytes; made once for all that stand at `from`. */
  chunksFor(position: StreamPosition, encoding: StreamEncoding): Uint8Array[] {
    if (position !== this.from) return encoding.encode(this.newTo(position).told);
    const made = this.#chunks.get(encoding) ?? encoding.encode(this.newTo(position).told);
    this.#chunks.set(encoding, made);
    return made;
  }

  #tell(position: StreamPosition): { told: ToldEvent[]; to: StreamPosition } {
    let { safe } = position;
    const above = new Set<string>();
    const told: ToldEvent[] = [];
    for (const { event, cursor, isSafe } of this.#read) {
      if (compareCursors(cursor, position.safe) <= 0) continue;
      // Behind one that is not safe none is: the pages of one read are of different moments, and what was committed
      // between two of them may lie before the second.
      if (isSafe && above.size === 0) safe = cursor;
      else above.add(event.id);
      if (!position.above.has(event.id)) told.push({ event, safe });
    }
    return { told, to: { safe, above: above.size === 0 ? NOTHING_ABOVE : above } };
  }
}
