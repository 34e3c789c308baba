/** Whether a list of `host` (port 443) and `host:port` holds the host of a URL. */
export function isNamed(url: URL, hosts: readonly string[] = []): boolean {
  return hosts.some((host) => URL.parse(`https://${host}`)?.host === url.host);
}
