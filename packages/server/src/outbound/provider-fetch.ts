import { request as httpRequest, type IncomingMessage, type RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import { BlockList, isIP } from "node:net";
import { checkedLookup, refusedAddress } from "./checked-lookup.ts";
import { OutboundError } from "./outbound-error.ts";
import { isPublicAddress } from "./public-address.ts";

/** Which addresses besides the internet's a provider of the config may have. */
export interface AddressRules {
  /** This machine: because the config itself names it. */
  isLoopbackAllowed: boolean;
  /** The organisation's own network; link-local addresses, with cloud metadata, stay refused. */
  isPrivateAllowed: boolean;
}

export interface ProviderRequest {
  method?: string | undefined;
  headers?: Record<string, string> | undefined;
  body?: URLSearchParams | string | null | undefined;
  signal?: AbortSignal | null | undefined;
}

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");
const ownNetwork = new BlockList();
for (const [net, prefix] of [
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
] as const)
  ownNetwork.addSubnet(net, prefix, "ipv4");
ownNetwork.addSubnet("fc00::", 7, "ipv6");

const MAX_ANSWER_BYTES = 1_048_576;
const TIMEOUT_MS = 10_000;

/**
 * `fetch` for the endpoints of a provider: addresses are looked up once and checked, redirects are not followed, and answers
 * are bounded in size (1 MiB) and time (10 s). Throws OutboundError: `address_refused` before anything is sent, else
 * `outbound_failed`; its messages name the host, and nothing of what was sent.
 */
export function createProviderFetch(rules: AddressRules) {
  const isAllowed = (address: string): boolean => {
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    if (rules.isLoopbackAllowed && loopback.check(address, family)) return true;
    if (rules.isPrivateAllowed && ownNetwork.check(address, family) && address !== METADATA_IPV6) return true;
    return isPublicAddress(address);
  };
  return async (
    url: string,
    { method = "GET", headers = {}, body, signal }: ProviderRequest,
  ): Promise<Response> => {
    const target = new URL(url);
    if (target.protocol !== "https:" && target.protocol !== "http:") throw refusedAddress(target.host);
    const host = target.hostname.replace(/^\[(.*)\]$/, "$1");
    // A literal address is never looked up, so it is looked at here.
    if (isIP(host) !== 0 && !isAllowed(host)) throw refusedAddress(host);
    const text = body?.toString();
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    return send(target, text, {
      method,
      headers: {
        ...(text !== undefined && { "content-length": String(Buffer.byteLength(text)) }),
        ...(body instanceof URLSearchParams && {
          "content-type": "application/x-www-form-urlencoded;charset=UTF-8",
        }),
        ...headers,
        // GitHub refuses requests without one.
        "user-agent": "holdpoint",
      },
      signal: signal == null ? timeout : AbortSignal.any([signal, timeout]),
      agent: false,
      lookup: checkedLookup(isAllowed),
    });
  };
}
export type ProviderFetch = ReturnType<typeof createProviderFetch>;

/** Of Amazon's, and in the range of private networks. */
const METADATA_IPV6 = "fd00:ec2::254";

function send(target: URL, text: string | undefined, options: RequestOptions): Promise<Response> {
  const { promise, resolve, reject } = Promise.withResolvers<Response>();
  const fail = (error: Error): void =>
    reject(
      error instanceof OutboundError
        ? error
        : new OutboundError("outbound_failed", `${target.host} could not be reached: ${error.message}`),
    );
  const request = (target.protocol === "https:" ? httpsRequest : httpRequest)(target, options, (response) => {
    read(response).then(resolve, fail);
  });
  request.on("error", fail);
  request.end(text);
  return promise;
}

async function read(response: IncomingMessage): Promise<Response> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) {
      response.destroy();
      throw new Error("its answer is too large");
    }
    chunks.push(chunk);
  }
  const status = response.statusCode ?? 0;
  if (status < 200 || status > 599) throw new Error(`it answered ${status}`);
  const headers = new Headers();
  for (const [name, value] of Object.entries(response.headers)) {
    for (const one of Array.isArray(value) ? value : [value ?? ""]) headers.append(name, one);
  }
  const isEmpty = status === 204 || status === 205 || status === 304;
  return new Response(isEmpty ? null : Buffer.concat(chunks), { status, headers });
}
