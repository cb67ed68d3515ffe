import { BlockList, isIP } from "node:net";

/** IPv4 that is not the internet: this host, private, shared, link-local with cloud metadata, test nets, multicast. */
const IPV4: readonly [string, number][] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
];
/** Only these are handed out for the internet; of them, some lead elsewhere. */
const IPV6_INTERNET: [string, number] = ["2000::", 3];
const IPV6_ELSEWHERE: readonly [string, number][] = [
  ["2001::", 23], // Teredo, ORCHID and other special purposes
  ["2001:db8::", 32], // documentation
  ["2002::", 16], // 6to4 carries an IPv4 address, which may be private
  ["3fff::", 20], // documentation
];

const refused = new BlockList();
for (const [net, prefix] of IPV4) refused.addSubnet(net, prefix, "ipv4");
for (const [net, prefix] of IPV6_ELSEWHERE) refused.addSubnet(net, prefix, "ipv6");
const internet = new BlockList();
internet.addSubnet(...IPV6_INTERNET, "ipv6");

/** True for addresses that anybody on the internet could reach; false for all others, and for what is no address. */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !refused.check(address, "ipv4");
    case 6:
      return internet.check(address, "ipv6") && !refused.check(address, "ipv6");
    default:
      return false;
  }
}
