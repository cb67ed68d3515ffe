import { createContext, useContext } from "react";

/** What the components say by themselves. Each may be replaced, for another language or another tone. */
export const WORDING = {
  guidance: "What the agent says",
  summary: "What it is about",
  purpose: "What for",
  scopes: "It would be allowed to",
  shownData: "What it is about",
  askedBy: "Asked by",
  answer: "Send answer",
  yourAnswer: "Your answer",
  confirm: "Confirm",
  confirmChanged: "Confirm with your change",
  yes: "Yes",
  no: "No",
  choose: "Choose one",
  chooseSeveral: "Choose one or more",
  search: "Search",
  nothingFound: "Nothing matches.",
  leadsTo: "leads to",
  opensNewTab: "opens a new tab",
  done: "I have done it",
  doneByItself: "Once that is done, this question is answered by itself.",
  connect: "Connect",
  connectWhere: "You sign in at the provider itself. Your password is not seen here.",
  notNow: "Not now",
  takeUp: "Look at it again",
  putOff: "Put off. Nothing is decided.",
  decline: "Decline",
  declineReason: "Why not? The agent reads this. You may leave it empty.",
  back: "Back",
  sending: "Sending…",
  missing: "Something is still missing above.",
  misfits: "The answer does not fit yet",
  unsafeLink: "The link of this question leads nowhere safe, so it is not offered.",
} as const;

export type Wording = { readonly [Name in keyof typeof WORDING]: string };

const WordingContext = createContext<Wording>(WORDING);

/** Puts other words under everything inside of it. */
export const WordingProvider = WordingContext.Provider;

export function useWording(): Wording {
  return useContext(WordingContext);
}
