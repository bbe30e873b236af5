import type { ScoredBoxes } from '../scored-boxes.js';

/** Gathers boxes of which nobody knows how many there will be. */
export class Collector {
  private readonly corners: number[] = [];
  private readonly scores: number[] = [];
  private readonly classes: number[] = [];

  /** A box by its centre, width and height. */
  add(x: number, y: number, width: number, height: number, score: number, id: number): void {
    this.corners.push(x - width / 2, y - height / 2, x + width / 2, y + height / 2);
    this.scores.push(score);
    this.classes.push(id);
  }

  finish(): ScoredBoxes {
    return {
      boxes: Float32Array.from(this.corners),
      scores: Float32Array.from(this.scores),
      classes: Uint16Array.from(this.classes),
    };
  }
}
