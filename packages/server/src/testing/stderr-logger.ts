import pino from "pino";

/** For services of tests that are processes of their own: what went wrong, on stderr. */
export const stderrLogger = pino({ level: "warn", base: null }, pino.destination(2));
