// Text that can be trusted to show what it says; without React, so that it runs anywhere.
export { splitUnseen, visible, type TextPiece, type UnseenOptions } from "./text/unseen.ts";
export { formatAgo, formatDuration } from "./text/duration.ts";
