import {
  answerQuestionSchema,
  authorizeAnswerSchema,
  declineQuestionSchema,
  listQuestionsSchema,
  openedLinkSchema,
  openLinkSchema,
  ownQuestionSchema,
} from "@holdpoint/protocol";
import type { Context } from "hono";
import { z } from "zod";
import type { EndUserCredential, EndUserCredentials } from "../end-users/end-user-credential.ts";
import type { EndUserLinks } from "../end-users/end-user-link.ts";
import { readQuestionEvents, whoIsEndUser } from "../end-users/question-events.ts";
import {
  authorizeQuestion,
  decideQuestion,
  getQuestion,
  listQuestions,
  type QuestionDeps,
} from "../end-users/questions.ts";
import { logStreamResponse } from "../events/event-stream.ts";
import type { EventStreams } from "../events/event-streams.ts";
import { endUserTopic } from "../events/wakeups.ts";
import { pathParameter } from "./credential.ts";
import { addCrossOrigin } from "./cross-origin.ts";
import { startingCursor } from "./event-routes.ts";
import { replyOf } from "./raw-reply.ts";
import { readIdempotencyKey } from "./request.ts";
import { route, type App, type RequestEnv } from "./route.ts";

export interface QuestionRouteDeps extends QuestionDeps {
  credentials: EndUserCredentials;
  links: EndUserLinks;
  streams: EventStreams;
}

type EndUserContext = Context<RequestEnv>;

/** Everything that answers to an end user: their own questions, and nothing else. Members and keys are nobody here. */
export function addQuestionRoutes(app: App, deps: QuestionRouteDeps): void {
  const tag = "Questions";
  const credentialOf = (context: EndUserContext): EndUserCredential => deps.credentials.read(context.req.raw);
  const credential = { of: credentialOf, kind: "endUser" } as const;
  const nobody = { of: () => undefined, kind: "none" } as const;

  addCrossOrigin(app, "/v1/questions");
  route(
    app,
    {
      method: "get",
      path: "/v1/questions",
      tag,
      credential,
      summary: "The end user's own questions: open ones, then those decided within 30 days",
      query: listQuestionsSchema,
      responses: {
        200: {
          description: "A page",
          schema: z.object({ data: z.array(ownQuestionSchema), nextCursor: z.string().nullable() }),
        },
      },
    },
    async (context, { query }) => context.json(await listQuestions(deps, credentialOf(context), query)),
  );
  route(
    app,
    {
      method: "get",
      path: "/v1/questions/events",
      tag,
      credential,
      summary: "What happens to the end user's own questions, as server-sent events",
      responses: {
        200: { description: "An event stream; resumes with Last-Event-ID", type: "text/event-stream" },
      },
    },
    async (context) => {
      const { hash } = credentialOf(context);
      const { database, streams, agentName } = deps;
      const who = await whoIsEndUser(database, hash);
      const topic = endUserTopic(who.orgId, who.endUserId);
      return logStreamResponse(
        {
          streams,
          credential: hash,
          assertMayRead: () => whoIsEndUser(database, hash),
          after: await startingCursor(deps, context.req.header("last-event-id")),
          // The headers for a page of another origin are set on a Response, which the raw reply has not.
          ...(context.req.header("origin") === undefined
            ? replyOf(context)
            : { signal: context.req.raw.signal }),
        },
        {
          key: topic,
          topics: [topic],
          read: (after, limit) => readQuestionEvents({ database, agentName }, who, after, limit),
        },
      );
    },
  );
  addLinkDoors(app, deps, nobody);
  route(
    app,
    {
      method: "get",
      path: "/v1/questions/{id}",
      tag,
      credential,
      summary: "One question",
      responses: { 200: { description: "The question", schema: ownQuestionSchema } },
    },
    async (context) =>
      context.json(await getQuestion(deps, credentialOf(context), pathParameter(context, "id"))),
  );
  route(
    app,
    {
      method: "post",
      path: "/v1/questions/{id}/answer",
      tag,
      credential,
      summary: "Answer it, for good",
      body: answerQuestionSchema,
      responses: { 200: { description: "The question, answered", schema: ownQuestionSchema } },
    },
    async (context, { body }) => context.json(await decideQuestion(deps, said(context, body))),
  );
  route(
    app,
    {
      method: "post",
      path: "/v1/questions/{id}/decline",
      tag,
      credential,
      summary: "Say no; the agent is told",
      body: declineQuestionSchema,
      responses: { 200: { description: "The question, declined", schema: ownQuestionSchema } },
    },
    async (context, { body }) =>
      context.json(
        await decideQuestion(
          deps,
          said(context, body.comment === undefined ? {} : { comment: body.comment }),
        ),
      ),
  );
  route(
    app,
    {
      method: "post",
      path: "/v1/questions/{id}/authorize",
      tag,
      credential,
      summary: "Where the browser goes to sign in at the provider; single use, ten minutes",
      body: z.strictObject({}),
      responses: { 200: { description: "The address", schema: authorizeAnswerSchema } },
    },
    async (context) =>
      context.json(await authorizeQuestion(deps, credentialOf(context), pathParameter(context, "id"))),
  );

  function said<Said>(context: EndUserContext, words: Said) {
    return {
      credential: credentialOf(context),
      holdId: pathParameter(context, "id"),
      said: words,
      idempotencyKey: readIdempotencyKey(context),
    };
  }
}

/** For a device that is nobody yet. Only the press with the code changes something, and only from our own page. */
function addLinkDoors(
  app: App,
  { credentials, links }: QuestionRouteDeps,
  credential: { of: () => undefined; kind: "none" },
): void {
  const tag = "Questions";
  const path = "/v1/questions/open/{link}";
  route(
    app,
    {
      method: "get",
      path,
      tag,
      credential,
      summary: "What a link to questions is to this device; changes nothing",
      responses: { 200: { description: "The link", schema: openedLinkSchema } },
    },
    async (context) =>
      context.json(await links.findLink(pathParameter(context, "link"), credentials.device(context.req.raw))),
  );
  route(
    app,
    {
      method: "post",
      path,
      tag,
      credential,
      summary: "Bring a link's code: the first device that does is the one it works on",
      body: openLinkSchema,
      responses: {
        200: { description: "Bound; the cookie of this device comes along", schema: openedLinkSchema },
      },
    },
    async (context, { body }) => {
      // A page of another site could press for somebody, and have them answer as the wrong person.
      credentials.assertOwnPage(context.req.raw);
      const { link, device } = await links.openLink(
        pathParameter(context, "link"),
        body.code,
        credentials.device(context.req.raw),
      );
      if (device !== undefined)
        context.header("set-cookie", credentials.cookie.issue(device.secret, device.maxAgeSeconds));
      return context.json(link);
    },
  );
}
