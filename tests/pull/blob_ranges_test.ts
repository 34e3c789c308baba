import assert from "node:assert/strict";
import fc from "fast-check";
import { BlobRanges } from "../../src/pull/blob_ranges.ts";
import { FRESH, type Piece } from "../../src/pull/piece.ts";

const WHOLE = (size: number) => [{ start: 0, end: size }];

function must(piece: Piece | undefined): Piece {
  assert.ok(piece);
  return piece;
}

/** Lets `length` bytes of a piece's answer arrive and be written. */
function bring(piece: Piece, length: number): void {
  for (const part of piece.advance(length)) piece.onWritten(part);
}

Deno.test("BlobRanges asks for a whole blob without a range", () => {
  const ranges = new BlobRanges(100, WHOLE(100));
  const piece = must(ranges.take(0));
  assert.equal(piece.request, undefined);
  assert.equal(ranges.take(0), undefined);
  bring(piece, 100);
  ranges.giveBack(piece, FRESH, 0);
  assert.ok(ranges.complete);
});

Deno.test("BlobRanges asks for each missing range of a resumed blob", () => {
  const ranges = new BlobRanges(100, [{ start: 10, end: 20 }, {
    start: 90,
    end: 100,
  }]);
  assert.deepEqual(ranges.take(0)?.request, { start: 10, end: 20 });
  assert.deepEqual(ranges.take(0)?.request, { start: 90, end: 100 });
  assert.equal(ranges.missingBytes, 20);
});

Deno.test("BlobRanges asks again from the last byte kept, when its time has come", () => {
  const ranges = new BlobRanges(100, WHOLE(100));
  const piece = must(ranges.take(0));
  bring(piece, 30);
  ranges.onFailure();
  ranges.giveBack(piece, { failures: 1, takeOvers: 0 }, 500);
  assert.equal(ranges.take(499), undefined);
  assert.equal(ranges.nextAtMs(499), 500);
  const again = must(ranges.take(500));
  assert.deepEqual(again.request, { start: 30, end: 100 });
  assert.equal(again.failures, 1);
});

Deno.test("BlobRanges sends one request at a time after a failure, until bytes arrive", () => {
  const ranges = new BlobRanges(100, WHOLE(100));
  const first = must(ranges.take(0));
  ranges.split(first, [50]);
  const second = must(ranges.take(0));
  ranges.onFailure();
  ranges.giveBack(second, FRESH, 0);
  assert.equal(ranges.take(0), undefined);
  assert.equal(ranges.canSplit, false);
  ranges.onProgress();
  assert.deepEqual(ranges.take(0)?.request, { start: 50, end: 100 });
});

Deno.test("BlobRanges.split() cuts a piece's end; each part is another's", () => {
  const ranges = new BlobRanges(100, WHOLE(100));
  const piece = must(ranges.take(0));
  ranges.split(piece, [40, 70]);
  assert.equal(piece.end, 40);
  const parts = [ranges.take(0)?.request, ranges.take(0)?.request];
  assert.deepEqual(parts, [{ start: 70, end: 100 }, { start: 40, end: 70 }]);
});

Deno.test("BlobRanges hands a range that was answered with 200 to the stream under way", () => {
  const ranges = new BlobRanges(100, WHOLE(100));
  const host = must(ranges.take(0));
  bring(host, 10);
  ranges.split(host, [50]);
  const other = must(ranges.take(0));
  assert.equal(ranges.onWholeAnswer(other), false);
  ranges.giveBack(other, FRESH, 0);
  assert.equal(host.end, 100);
  assert.equal(ranges.take(0), undefined);
  bring(host, 90);
  ranges.giveBack(host, FRESH, 0);
  assert.ok(ranges.complete);
});

Deno.test("BlobRanges lets a 200 to a range be the one stream, past what is here already", () => {
  const ranges = new BlobRanges(100, [{ start: 20, end: 40 }, {
    start: 60,
    end: 100,
  }]);
  const piece = must(ranges.take(0));
  assert.equal(ranges.onWholeAnswer(piece), true);
  const written = piece.advance(70);
  assert.deepEqual(written, [{ start: 20, end: 40 }, { start: 60, end: 70 }]);
  assert.equal(ranges.take(0), undefined);
});

Deno.test("BlobRanges asks without a range after a 416", () => {
  const ranges = new BlobRanges(100, [{ start: 20, end: 100 }]);
  const piece = must(ranges.take(0));
  ranges.onRangeRefused();
  ranges.giveBack(piece, FRESH, 0);
  assert.equal(must(ranges.take(0)).request, undefined);
});

Deno.test("BlobRanges needs nothing for an empty blob", () => {
  assert.ok(new BlobRanges(0, []).complete);
});

Deno.test("BlobRanges loses no byte and asks for none twice, whatever happens", () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant("take" as const) }),
    fc.record({
      do: fc.constant("bring" as const),
      which: fc.nat(7),
      bytes: fc.nat(300),
    }),
    fc.record({ do: fc.constant("fail" as const), which: fc.nat(7) }),
    fc.record({
      do: fc.constant("split" as const),
      which: fc.nat(7),
      at: fc.nat(1000),
    }),
    fc.record({ do: fc.constant("whole" as const), which: fc.nat(7) }),
    fc.record({ do: fc.constant("unsatisfiable" as const) }),
    fc.record({ do: fc.constant("progress" as const) }),
  );
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const ranges = new BlobRanges(1000, [{ start: 5, end: 400 }, {
      start: 500,
      end: 1000,
    }]);
    let written = 0;
    const write = (piece: Piece, bytes: number) => {
      for (
        const part of piece.advance(Math.min(bytes, piece.end - piece.position))
      ) {
        piece.onWritten(part);
        written += part.end - part.start;
      }
    };
    const pick = (which: number) => [...ranges.pieces][which];
    for (const action of steps) {
      const piece = "which" in action ? pick(action.which) : undefined;
      if (action.do === "take") ranges.take(0);
      else if (action.do === "progress") ranges.onProgress();
      else if (action.do === "unsatisfiable") ranges.onRangeRefused();
      else if (piece === undefined) continue;
      else if (action.do === "bring") write(piece, action.bytes);
      else if (action.do === "split") {
        if (action.at > piece.position && ranges.canSplit) {
          ranges.split(piece, [action.at]);
        }
      } else if (action.do === "whole") {
        if (piece.request !== undefined && piece.pace.receivedBytes === 0) {
          ranges.onWholeAnswer(piece);
        }
      } else {
        ranges.onFailure();
        ranges.giveBack(piece, FRESH, 0);
      }
      assert.equal(written + ranges.missingBytes, 895);
    }
    for (let i = 0; i < 100 && !ranges.complete; i++) {
      const piece = [...ranges.pieces][0] ?? must(ranges.take(0));
      write(piece, 1000);
      ranges.giveBack(piece, FRESH, 0);
    }
    assert.ok(ranges.complete);
    assert.equal(written, 895);
  }));
});
