import { classifyHost, findAddress, isWithin } from "./host_address.ts";

/**
 * Whether a URL is reached without a proxy. Loopback always is; else the rules
 * of `NO_PROXY` decide, parted by commas or blanks: `*`, `example.com` and
 * `.example.com` (the domain and all below it), `*.example.com`,
 * `10.0.0.1`, `10.0.0.0/8`, `[::1]`, each with a port or without.
 */
export function isDirect(url: URL, noProxy: string): boolean {
  if (classifyHost(url.hostname) === "loopback") return true;
  const host = url.hostname.replace(/\.$/, "");
  const port = url.port || (url.protocol === "http:" ? "80" : "443");
  const address = findAddress(host);
  return noProxy.split(/[\s,]+/).some((rule) => {
    if (rule === "") return false;
    if (rule === "*") return true;
    if (address !== undefined && isWithin(address, rule)) return true;
    const split = /^(.*?)(?::(\d{1,5}))?$/s.exec(rule);
    const ruleHost = split?.[1] ?? rule;
    if (split?.[2] !== undefined && split[2] !== port) return false;
    return address === undefined
      ? isBelow(host, ruleHost.toLowerCase())
      : isWithin(address, ruleHost);
  });
}

function isBelow(host: string, rule: string): boolean {
  const domain = rule.replace(/^\*?\./, "").replace(/\.$/, "");
  return domain !== "" && (host === domain || host.endsWith(`.${domain}`));
}
