import { expect } from 'chai';
import { Random } from '../../src/common/random.js';
import { LogitBlender } from '../../src/eval/blend.js';
import { segmentationTask } from '../../src/tasks/index.js';
import { planTiles, WHOLE_PIXELS } from '../../src/eval/tiles.js';

const CLASSES = 3;

describe('tiles: the plan', () => {
  it('covers every pixel with shares that add up to 1, by tiles of one size on the grid of the stride', () => {
    const random = Random.of(3, 'plan');
    for (let i = 0; i < 60; i++) {
      const [height, width] = [40 + random.integer(700), 40 + random.integer(700)];
      const tile = { height: 64 + random.integer(200), width: 64 + random.integer(200), overlap: random.integer(33) };
      const scale = [1, 2, 1.37][i % 3]!;
      const size = { height: Math.round(height * scale), width: Math.round(width * scale) };
      const { rows, columns } = planTiles({ height, width }, size, 8, tile);
      for (const [spans, length, most, total] of [
        [rows, height, tile.height, size.height],
        [columns, width, tile.width, size.width],
      ] as const) {
        const sums = new Float64Array(total);
        for (const { start, length: side, from, to, shares } of spans) {
          expect(start % 8 === 0 && side % 8 === 0 && side <= most && side === spans[0]!.length).to.equal(true);
          expect(shares.length).to.equal(to - from);
          shares.forEach((share, k) => (sums[from + k]! += share));
        }
        expect(Math.min(...sums)).to.be.closeTo(1, 1e-6);
        expect(Math.max(...sums)).to.be.closeTo(1, 1e-6);
        expect(spans[spans.length - 1]!.start + spans[0]!.length).to.equal(Math.ceil(length / 8) * 8);
      }
    }
  });

  it('shares as many pixels between neighbours as asked for, or more', () => {
    const { columns } = planTiles({ height: 100, width: 1000 }, { height: 100, width: 1000 }, 8, {
      ...{ height: 128, width: 256, overlap: 64 },
    });
    expect(columns.length).to.be.above(3);
    for (const [i, { start }] of columns.slice(1).entries())
      expect(columns[i]!.start + columns[i]!.length - start).to.be.at.least(64);
  });

  it('chooses tiles that hold no more pixels than goes whole, for photographs, panoramas and strips alike', () => {
    for (const [height, width] of [
      ...[
        [3000, 4000],
        [2448, 3264],
        [3000, 30_000],
        [90, 60_000],
        [1449, 1449],
        [10_000, 10_000],
      ],
    ] as [number, number][]) {
      const { rows, columns } = planTiles({ height, width }, { height, width }, 8);
      expect(rows.length * columns.length).to.be.above(1);
      expect(rows[0]!.length * columns[0]!.length).to.be.at.most(WHOLE_PIXELS);
      const work = rows.length * rows[0]!.length * columns.length * columns[0]!.length;
      // What is shared is computed twice, but no more than that.
      expect(work / (height * width)).to.be.below(1.75);
    }
  });
});

describe('tiles: the average', () => {
  it('is that of all tiles by their shares, where several of them overlap in both directions', () => {
    const random = Random.of(5, 'average');
    for (const [height, width] of [
      ...[
        [150, 96],
        [96, 150],
      ],
    ] as [number, number][]) {
      const size = { height, width };
      const { rows, columns } = planTiles(size, size, 8, { height: 64, width: 64, overlap: 32 });
      const blender = new LogitBlender(rows, columns, size, CLASSES, segmentationTask(255).dense!);
      const sums = new Float64Array(height * width * CLASSES);
      for (const { row, column } of blender.order) {
        const logits = Float32Array.from({ length: row.length * column.length * CLASSES }, () => random.next());
        for (let y = row.from; y < row.to; y++)
          for (let x = column.from; x < column.to; x++)
            for (let c = 0; c < CLASSES; c++) {
              const value = logits[((y - row.start) * column.length + x - column.start) * CLASSES + c]!;
              sums[(y * width + x) * CLASSES + c]! +=
                row.shares[y - row.from]! * column.shares[x - column.from]! * value;
            }
        blender.add(logits);
      }
      let wrong = 0;
      for (let i = 0; i < height * width; i++) {
        const [a, b, c] = sums.subarray(i * CLASSES, (i + 1) * CLASSES) as unknown as [number, number, number];
        const best = Math.max(a, b, c);
        if (best - sums[i * CLASSES + blender.values[i]!]! > 1e-6) wrong++;
      }
      expect(wrong).to.equal(0);
    }
  });
});
