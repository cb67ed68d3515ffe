import { lookup, type LookupAddress, type LookupOptions } from "node:dns";
import { OutboundError } from "./outbound-error.ts";

type LookupCallback = (error: Error | null, address: string | LookupAddress[], family?: number) => void;

/**
 * Resolves a name as the system does, and refuses it when any of its addresses is one that must not be reached. Given to
 * the request itself, so that the address that was looked at is the one connected to (SSRF).
 */
export function checkedLookup(isAllowed: (address: string) => boolean) {
  return (hostname: string, options: LookupOptions, callback: LookupCallback): void => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      const [first] = addresses ?? [];
      if (error !== null || first === undefined)
        callback(error ?? new Error(`${hostname} has no address.`), []);
      else if (!addresses.every(({ address }) => isAllowed(address))) callback(refusedAddress(hostname), []);
      else if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

export function refusedAddress(host: string): OutboundError {
  return new OutboundError(
    "address_refused",
    `${host} is not an address of the internet (private, link-local and metadata addresses are refused). Nothing was sent.`,
  );
}
