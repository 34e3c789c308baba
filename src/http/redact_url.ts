/** Query parameters of registries and token servers whose values are no secret. Any other may be. */
const HARMLESS = new Set([
  "ns",
  "n",
  "last",
  "scope",
  "service",
  "client_id",
  "offline_token",
  "mount",
  "digest",
]);

/** A URL's text for people: no user name or password, and unknown query values masked. */
export function redactUrl(url: URL): string {
  const query = [...url.searchParams].map(([name, value]) =>
    `${encodeURIComponent(name)}=${
      HARMLESS.has(name) ? encodeURIComponent(value) : "***"
    }`
  );
  return url.origin + url.pathname +
    (query.length === 0 ? "" : `?${query.join("&")}`);
}
