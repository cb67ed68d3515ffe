import { HoldpointQuestions } from "@holdpoint/client/questions";

/** Whoever this device is known as: the cookie that the code of a link has left here. */
export const questions = new HoldpointQuestions({ url: window.location.origin });
