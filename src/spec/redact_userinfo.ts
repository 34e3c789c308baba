/**
 * Hides what stands before the `@` of a URL that was typed where none belongs:
 * it may be a password, which belongs in no message.
 */
export function redactUserinfo(text: string): string {
  const scheme = text.indexOf("://");
  if (scheme < 0) return text;
  const host = scheme + "://".length;
  const last = text.lastIndexOf("@");
  // A password may hold "/" and "@", so all but a digest's "@" may end one.
  const at = /^@sha(?:256|512):/.test(text.slice(last, last + 8))
    ? text.lastIndexOf("@", last - 1)
    : last;
  return at < host ? text : `${text.slice(0, host)}***${text.slice(at)}`;
}
