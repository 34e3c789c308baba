import { createCipheriv, createHash } from "node:crypto";

const encoder = new TextEncoder();

/** Incompressible bytes, the same for the same seed; about a gigabyte a second. */
export function randomBytes(size: number, seed = 1): Uint8Array<ArrayBuffer> {
  const key = createHash("sha256").update(`dray-test-${seed}`).digest();
  const cipher = createCipheriv("aes-256-ctr", key, new Uint8Array(16));
  const whole = new Uint8Array(size);
  const zeros = new Uint8Array(Math.min(size, 1 << 20));
  for (let at = 0; at < size; at += zeros.length) {
    whole.set(
      cipher.update(zeros.subarray(0, Math.min(zeros.length, size - at))),
      at,
    );
  }
  cipher.final();
  return whole;
}

/** A digest by another way than the product's own. */
export function digestOf(
  bytes: Uint8Array,
  algorithm: "sha256" | "sha512" = "sha256",
): string {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest("hex")}`;
}

/** JSON as bytes. */
export function jsonBytes(value: unknown): Uint8Array<ArrayBuffer> {
  return encoder.encode(JSON.stringify(value));
}

/** Text as bytes. */
export function textBytes(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}
