import pg from "pg";

type TextParser = (value: string) => unknown;

const OID = { int8: 20, date: 1082, timestamp: 1114, timestamptz: 1184, interval: 1186 } as const;
const ARRAY_OID = { int8: 1016, date: 1182, timestamp: 1115, timestamptz: 1185, interval: 1187 } as const;
const TEXT_ARRAY_OID = 1009;

/**
 * `2026-08-01 12:00:00.5+00` -> `2026-08-01T12:00:00.500000Z`: RFC 3339 with always six digits, so that
 * instants compare as text and lose nothing (a JavaScript date would lose the microseconds). Sessions run
 * in UTC; anything else (`infinity`, other offsets) passes as it came.
 */
export function renderInstant(text: string): string {
  const match = /^(\d{4,}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?\+00$/.exec(text);
  if (!match) return text;
  return `${match[1]}T${match[2]}.${(match[3] ?? "").padEnd(6, "0")}Z`;
}

/** A number when a JavaScript number holds it exactly, else the text. */
export function parseInt8(text: string): number | string {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : text;
}

/** The types of `pg` know only the ids in their own enum. */
const standardParser = pg.types.getTypeParser as (oid: number, format?: "text" | "binary") => TextParser;

function asText(text: string): string {
  return text;
}

function parseArray(parseElement: TextParser): TextParser {
  const parseTexts = standardParser(TEXT_ARRAY_OID) as (value: string) => (string | null)[];
  return (value) => parseTexts(value).map((element) => (element === null ? null : parseElement(element)));
}

const PARSERS = new Map<number, TextParser>([
  [OID.int8, parseInt8],
  [OID.date, asText],
  [OID.timestamp, asText],
  [OID.timestamptz, renderInstant],
  [OID.interval, asText],
  [ARRAY_OID.int8, parseArray(parseInt8)],
  [ARRAY_OID.date, parseArray(asText)],
  [ARRAY_OID.timestamp, parseArray(asText)],
  [ARRAY_OID.timestamptz, parseArray(renderInstant)],
  [ARRAY_OID.interval, parseArray(asText)],
]);

/** Passed to a pool or client as `types`, so that another user of `pg` in the process is not changed. */
export const typeParsers: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: "text" | "binary") =>
    (format !== "binary" && PARSERS.get(oid)) || standardParser(oid, format),
};
