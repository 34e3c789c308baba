/** The `Content-Length` of an answer in bytes, where it gives a usable one. */
export function findContentLength(headers: Headers): number | undefined {
  const field = headers.get("content-length") ?? "";
  if (!/^[0-9]{1,16}$/.test(field)) return undefined;
  const length = Number(field);
  return Number.isSafeInteger(length) ? length : undefined;
}
