import { request as httpRequest, type RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP } from "node:net";
import { checkedLookup, refusedAddress } from "./checked-lookup.ts";
import { OutboundError } from "./outbound-error.ts";
import { isPublicAddress } from "./public-address.ts";

export interface PostOptions {
  /** Also to addresses that are not the internet's: this machine, the private network. */
  isPrivateAllowed?: boolean | undefined;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
  /** For the whole exchange. Default 10 s. */
  timeoutMs?: number;
}

const MAX_ANSWER_BYTES = 65_536;

/**
 * Sends JSON by POST. A 2xx answer is success; redirects are not followed. The address that was looked up and found
 * public is the one connected to: a name that changes its address in between changes nothing (SSRF).
 *
 * Throws OutboundError: `address_refused` before anything is sent, else `outbound_failed`.
 */
export async function postJson(url: string, body: unknown, options: PostOptions = {}): Promise<void> {
  const target = new URL(url);
  if (target.protocol !== "https:" && target.protocol !== "http:") throw refusedAddress(url);
  const host = target.hostname.replace(/^\[(.*)\]$/, "$1");
  // A literal address is never looked up, so it is looked at here.
  if (isIP(host) !== 0 && options.isPrivateAllowed !== true && !isPublicAddress(host))
    throw refusedAddress(host);
  const text = JSON.stringify(body);
  const timeout = AbortSignal.timeout(options.timeoutMs ?? 10_000);
  const status = await send(target, text, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(text),
      "user-agent": "holdpoint",
      ...options.headers,
    },
    signal: options.signal === undefined ? timeout : AbortSignal.any([options.signal, timeout]),
    // A connection of its own: one that is kept could have been opened under other rules.
    agent: false,
    ...(options.isPrivateAllowed === true ? {} : { lookup: checkedLookup(isPublicAddress) }),
  });
  if (status < 200 || status > 299)
    throw new OutboundError("outbound_failed", `${target.host} answered ${status}.`);
}

function send(target: URL, text: string, options: RequestOptions): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const fail = (error: Error): void =>
    reject(
      error instanceof OutboundError
        ? error
        : new OutboundError(
            "outbound_failed",
            `${target.host} could not be reached: ${error.message}`,
            error,
          ),
    );
  const request = (target.protocol === "https:" ? httpsRequest : httpRequest)(target, options, (response) => {
    let size = 0;
    response.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_ANSWER_BYTES) response.destroy();
    });
    response.on("error", fail);
    // The answer's text means nothing to us; that it came is all.
    response.on("close", () => resolve(response.statusCode ?? 0));
  });
  request.on("error", fail);
  request.end(text);
  return promise;
}
