import { concatBytes } from "./concat_bytes.ts";

const encoder = new TextEncoder();

/** As few digits as tell it apart, and never an exponent. */
export function paxTime(seconds: number): string {
  const text = String(seconds);
  return text.includes("e") ? seconds.toFixed(9) : text;
}

/** `LENGTH KEY=VALUE\n`, where LENGTH counts its own digits too (POSIX pax). */
export function paxRecord(
  key: string,
  value: string | Uint8Array,
): Uint8Array<ArrayBuffer> {
  const head = encoder.encode(` ${key}=`);
  const body = typeof value === "string" ? encoder.encode(value) : value;
  const rest = head.length + body.length + 1;
  let length = rest + String(rest).length;
  if (rest + String(length).length !== length) {
    length = rest + String(length).length;
  }
  return concatBytes([
    encoder.encode(String(length)),
    head,
    body,
    encoder.encode("\n"),
  ]);
}
