/** Pieces of bytes as one. */
export function concatBytes(
  pieces: readonly Uint8Array[],
): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(
    pieces.reduce((total, piece) => total + piece.length, 0),
  );
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.length;
  }
  return whole;
}
