/** Where an address leads. A name that stands for no fixed address is a `name`. */
export type HostKind =
  | "name"
  | "public"
  | "private"
  | "link-local"
  | "loopback";

/** First bytes and prefix length of networks that are not public (IANA's special-purpose registries). */
const IPV4_NETWORKS: readonly (readonly [string, HostKind])[] = [
  ["0.0.0.0/8", "loopback"], // "this host": a connect to it ends on loopback
  ["127.0.0.0/8", "loopback"],
  ["10.0.0.0/8", "private"],
  ["100.64.0.0/10", "private"], // carriers' NAT, and some clouds' metadata
  ["169.254.0.0/16", "link-local"], // most clouds' metadata among them
  ["172.16.0.0/12", "private"],
  ["192.0.0.0/24", "private"],
  ["192.168.0.0/16", "private"],
  ["198.18.0.0/15", "private"],
  ["224.0.0.0/3", "private"], // multicast, reserved, broadcast
];

const IPV6_NETWORKS: readonly (readonly [string, HostKind])[] = [
  ["::/127", "loopback"], // :: and ::1
  ["fc00::/7", "private"],
  ["fe80::/10", "link-local"],
  ["fec0::/10", "private"],
  ["ff00::/8", "private"],
];

/** Prefixes after which an IPv6 address carries an IPv4 one in its last four bytes: mapped, compatible, NAT64. */
const IPV4_IN_IPV6 = ["::ffff:0:0/96", "::/96", "64:ff9b::/96"];

/** What a URL's `hostname` leads to, judged by the text alone: no name is looked up. */
export function classifyHost(hostname: string): HostKind {
  const name = hostname.toLowerCase().replace(/\.$/, "");
  if (name === "localhost" || name.endsWith(".localhost")) return "loopback";
  const address = findAddress(name);
  return address === undefined ? "name" : classifyAddress(address);
}

function classifyAddress(address: Uint8Array): HostKind {
  const networks = address.length === 4 ? IPV4_NETWORKS : IPV6_NETWORKS;
  const special = networks.find(([network]) => isWithin(address, network));
  if (special !== undefined) return special[1];
  return address.length === 16 &&
      IPV4_IN_IPV6.some((net) => isWithin(address, net))
    ? classifyAddress(address.subarray(12))
    : "public";
}

/** Whether an address belongs to a network such as `10.0.0.0/8`, or is the one given without a slash. */
export function isWithin(address: Uint8Array, network: string): boolean {
  const slash = network.indexOf("/");
  const base = findAddress(slash < 0 ? network : network.slice(0, slash));
  if (base?.length !== address.length) return false;
  const bits = slash < 0
    ? base.length * 8
    : findPrefixLength(network.slice(slash + 1));
  if (bits === undefined || bits > base.length * 8) return false;
  return base.every((byte, index) => {
    const kept = Math.min(8, Math.max(0, bits - index * 8));
    const mask = (0xff00 >> kept) & 0xff;
    return (byte & mask) === ((address[index] ?? 0) & mask);
  });
}

function findPrefixLength(text: string): number | undefined {
  return /^\d{1,3}$/.test(text) ? Number(text) : undefined;
}

/** The 4 or 16 bytes of an IP address, with or without brackets; undefined for a name. */
export function findAddress(text: string): Uint8Array | undefined {
  const bare = text.startsWith("[") && text.endsWith("]")
    ? text.slice(1, -1)
    : text;
  return bare.includes(":") ? findIpv6(bare) : findIpv4(bare);
}

function findIpv4(text: string): Uint8Array | undefined {
  if (!/^\d{1,3}(?:\.\d{1,3}){3}$/.test(text)) return undefined;
  const bytes = text.split(".").map(Number);
  return bytes.some((byte) => byte > 255) ? undefined : Uint8Array.from(bytes);
}

function findIpv6(text: string): Uint8Array | undefined {
  if (!/^[\da-f:.]{2,45}$/i.test(text)) return undefined;
  // The URL parser knows every way to write one, and answers in one form: hex groups and one "::".
  const canonical = URL.parse(`http://[${text}]/`)?.hostname.slice(1, -1);
  if (canonical === undefined) return undefined;
  const [head = "", tail] = canonical.split("::");
  const left = readGroups(head);
  const right = readGroups(tail ?? "");
  const groups = [
    ...left,
    ...Array(8 - left.length - right.length).fill(0),
    ...right,
  ];
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
}

function readGroups(text: string): number[] {
  return text === "" ? [] : text.split(":").map((group) => parseInt(group, 16));
}
