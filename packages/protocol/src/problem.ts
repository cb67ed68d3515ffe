import { z } from "zod";

/** Every error code of the API with its HTTP status and its title. One list: server, client, command line and docs read it. */
export const PROBLEMS = {
  invalid_json: { status: 400, title: "The body is not JSON" },
  unauthorized: { status: 401, title: "No valid credential" },
  not_allowed: { status: 403, title: "This credential may not do that" },
  not_strong_enough: { status: 403, title: "This decision asks for a stronger proof of who decides" },
  approval_required: { status: 403, title: "A person has to approve that first" },
  wrong_code: { status: 403, title: "That is not the link's code" },
  not_found: { status: 404, title: "There is no such thing here" },
  method_not_allowed: { status: 405, title: "This path does not take that method" },
  already_decided: { status: 409, title: "The hold is already decided" },
  action_changed: { status: 409, title: "The action is not the one that was shown" },
  not_approved: { status: 409, title: "The hold is not approved" },
  not_claimable: { status: 409, title: "This approval is redeemed by the service itself" },
  entitlement_lost: { status: 409, title: "Its approval counts no more" },
  already_redeemed: { status: 409, title: "The approval was redeemed before" },
  not_executing: { status: 409, title: "No claimed execution waits for a report" },
  link_taken: { status: 409, title: "The link works on another device" },
  session_busy: { status: 409, title: "A run of this session is not over" },
  run_busy: { status: 409, title: "The run is in use" },
  run_ended: { status: 409, title: "The run has ended" },
  conflict: { status: 409, title: "The state does not allow that" },
  execution_unknown: { status: 409, title: "Nobody knows how its execution ended" },
  in_progress: { status: 409, title: "The same request is still running" },
  expired: { status: 410, title: "The deadline has passed" },
  link_ended: { status: 410, title: "The link works no more" },
  body_too_large: { status: 413, title: "The body is too large" },
  unsupported_media_type: { status: 415, title: "The body must be application/json" },
  wrong_host: { status: 421, title: "This server does not answer to that host name" },
  invalid_request: { status: 422, title: "The request does not fit its schema" },
  invalid_arguments: { status: 422, title: "The arguments do not fit the tool's schema" },
  invalid_answer: { status: 422, title: "The answer does not fit the question" },
  verdict_not_allowed: { status: 422, title: "That verdict is not one of this hold's" },
  idempotency_mismatch: { status: 422, title: "The idempotency key was used with another body" },
  unsupported: { status: 422, title: "This feature is not offered" },
  upgrade_required: { status: 426, title: "This is a WebSocket" },
  too_many_requests: { status: 429, title: "Too many requests" },
  client_closed: { status: 499, title: "The client went away" },
  internal: { status: 500, title: "Something went wrong here" },
  overloaded: { status: 503, title: "This instance has as much to do as it may" },
  unavailable: { status: 503, title: "The store is not available" },
} as const satisfies Record<string, { status: number; title: string }>;
export type ProblemCode = keyof typeof PROBLEMS;

/** RFC 9457 problem details as this API gives them. */
export const problemSchema = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.enum(Object.keys(PROBLEMS) as ProblemCode[]),
  detail: z.string(),
  requestId: z.string(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});
export type Problem = z.infer<typeof problemSchema>;
