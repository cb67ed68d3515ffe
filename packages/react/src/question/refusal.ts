import { HoldpointApiError, HoldpointConnectionError } from "@holdpoint/client";

/** An error as it is told to somebody who knows nothing of the service. */
export interface Refusal {
  title: string;
  detail: string;
  /** What the service found wrong with the answer, place by place. */
  misfits: readonly { path: string; message: string }[];
  /** Pressing again may help. */
  isWorthRepeating: boolean;
}

const TITLES: Readonly<Record<string, [title: string, detail: string]>> = {
  already_decided: [
    "This was already answered",
    "It was answered elsewhere. What you sent just now did not count.",
  ],
  expired: ["It is too late", "The time for this question is over. What you sent did not count."],
  link_taken: [
    "This link works on another device",
    "The first device that opened it is the one. Ask for a new link.",
  ],
  link_ended: ["This link works no more", "Ask whoever sent it for a new one."],
  wrong_code: ["That is not the code of this link", "The code stands in the same message as the link."],
  not_found: ["This question is not there any more", "It may have been withdrawn."],
  unauthorized: [
    "You are not signed in on this device any more",
    "Open the link of your message again, or ask for a new one.",
  ],
  not_allowed: [
    "This cannot be answered from here",
    "It is addressed to somebody else, or to another device.",
  ],
  too_many_requests: ["Too many attempts", "Wait a little, then press again."],
};

/** What went wrong with an answer, in plain words. Nothing was decided by it. */
export function tellRefusal(error: unknown): Refusal {
  if (error instanceof HoldpointConnectionError) {
    return {
      title: "No connection",
      detail: "Your answer was not sent. Press again once you are connected.",
      misfits: [],
      isWorthRepeating: true,
    };
  }
  if (error instanceof HoldpointApiError) {
    if (
      ["invalid_answer", "invalid_arguments"].includes(error.code) ||
      (error.code === "invalid_request" && error.errors.length > 0)
    ) {
      return {
        title: "The answer does not fit yet",
        detail: error.errors.length > 0 ? "" : error.detail,
        misfits: error.errors,
        isWorthRepeating: true,
      };
    }
    const [title, detail] = TITLES[error.code] ?? ["That did not work", error.detail];
    return { title, detail, misfits: [], isWorthRepeating: error.status === 429 || error.status >= 500 };
  }
  return {
    title: "This page has a defect",
    detail: error instanceof Error ? error.message : String(error),
    misfits: [],
    isWorthRepeating: false,
  };
}
