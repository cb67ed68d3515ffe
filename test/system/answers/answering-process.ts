// A process of its own: people who read their own question and answer it, at whichever instance answers.
import { setTimeout as delay } from "node:timers/promises";
import { inParallel } from "./in-parallel.ts";
import { pickOf } from "./pick-of.ts";

export interface AnsweringOrder {
  urls: string[];
  people: { endUserId: string; token: string }[];
  width: number;
}

/** Sent after each person; the last one says that all have answered. */
export type AnsweringReport = { type: "answered"; endUserId: string } | { type: "failed"; why: string };

interface OwnQuestion {
  id: string;
  status: string;
  question: { options: { value: string }[] };
}

async function answer({ endUserId, token }: AnsweringOrder["people"][number], urls: string[]): Promise<void> {
  const headers = {
    authorization: `Bearer ${token}`,
    "content-type": "application/json",
    "idempotency-key": `${endUserId}-answers`,
  };
  const ask = (path: string, init: { method?: string; body?: string } = {}) =>
    anywhere(urls, (url) => fetch(`${url}${path}`, { ...init, headers }));
  const { data } = (await (await ask("/v1/questions")).json()) as { data: OwnQuestion[] };
  const [question, ...others] = data;
  if (question === undefined || others.length > 0) {
    throw new Error(`${endUserId} has ${data.length} questions`);
  }
  const options = question.question.options.map(({ value }) => value);
  const answered = await ask(`/v1/questions/${question.id}/answer`, {
    method: "POST",
    body: JSON.stringify({ answer: pickOf(endUserId, options) }),
  });
  if (!answered.ok) throw new Error(`${endUserId}: ${answered.status} ${await answered.text()}`);
}

/** One instance after the other until one answers, because they are killed and come back meanwhile. */
async function anywhere(urls: string[], send: (url: string) => Promise<Response>): Promise<Response> {
  const first = Math.floor(Math.random() * urls.length);
  for (let attempt = 0; attempt < 200; attempt++) {
    try {
      const response = await send(urls[(first + attempt) % urls.length] ?? "");
      if (response.status < 500) return response;
    } catch {
      // Killed before or while it answered: whether the answer counted is for the idempotency key to say.
    }
    await delay(100);
  }
  throw new Error("no instance answers");
}

const report = (message: AnsweringReport): void => void process.send?.(message);
process.once("message", ({ urls, people, width }: AnsweringOrder) => {
  void (async () => {
    try {
      await inParallel(people, width, async (person) => {
        await answer(person, urls);
        report({ type: "answered", endUserId: person.endUserId });
      });
    } catch (error) {
      report({ type: "failed", why: String(error) });
    }
    process.disconnect();
  })();
});
