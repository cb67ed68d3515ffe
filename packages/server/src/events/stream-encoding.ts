import { formatCursor, type EventCursor, type LogEvent } from "./event-log.ts";
import type { ToldEvent } from "./stream-position.ts";

/** How events become bytes: one value for each format, so that a chunk is made once for all of its streams. */
export interface StreamEncoding {
  encode(told: readonly ToldEvent[]): Uint8Array[];
  /** What comes first, so that a client that is cut off before the first event resumes from there. */
  start(cursor: EventCursor): Uint8Array;
}

/** Server-sent events (WHATWG HTML, section 9.2): all of a read in one chunk. */
export const serverSentEvents: StreamEncoding = {
  encode: (told) =>
    told.length === 0
      ? []
      : [Buffer.from(told.map(({ event, safe }) => renderServerSentEvent(event, safe)).join(""))],
  start: (cursor) => Buffer.from(`id: ${formatCursor(cursor)}\nretry: 1000\n\n`),
};

/** Messages of a WebSocket: one chunk for each event. */
export const socketMessages: StreamEncoding = {
  encode: (told) =>
    told.map(({ event, safe }) =>
      Buffer.from(`{"type":"event","cursor":"${formatCursor(safe)}","event":${JSON.stringify(event)}}`),
    ),
  start: (cursor) => Buffer.from(`{"type":"open","cursor":"${formatCursor(cursor)}"}`),
};

export function renderServerSentEvent(event: LogEvent, cursor: EventCursor): string {
  return `id: ${formatCursor(cursor)}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}
