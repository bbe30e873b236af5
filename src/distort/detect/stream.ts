import { readImageHeader } from '../../image/header.js';
import type { StepValue } from '../step.js';
import { BrightnessReference } from './brightness.js';
import { detectJpeg, type FrameEvidence } from './jpeg.js';
import { formatSize, type Size } from './resolution.js';

/** A value that was read from a frame. */
export interface Observation {
  /** As a level writes it: the quality of `jpeg`, the factor of `brightness`, `512x256` of `resolution`. */
  value: StepValue;
  /** 0..1. */
  confidence: number;
}

/** What was read from a frame, by kind of distortion; a kind that is not there is unknown. */
export type Observations = Readonly<Record<string, Observation>>;

export interface StreamDetectorOptions {
  /** The size of an undistorted frame; without it resolution is unknown. */
  size?: Size;
  /** What undistorted frames look like; without it, and without `calibrate`, brightness is unknown. */
  reference?: BrightnessReference;
  /** Takes this many first frames as the reference instead; until they are there brightness is unknown. */
  calibrate?: number;
}

/** Reads from the frames of one stream what they tell about their level. */
export class StreamDetector {
  private readonly size?: Size;
  private readonly reference: BrightnessReference;
  private readonly calibrate: number;

  constructor({ size, reference, calibrate = 0 }: StreamDetectorOptions = {}) {
    this.size = size;
    this.reference = reference ?? new BrightnessReference();
    this.calibrate = reference ? 0 : calibrate;
  }

  /** What one frame tells; the frame's pixels are read, not kept. */
  detect(frame: FrameEvidence): Observations {
    const seen: Record<string, Observation> = {};
    const jpeg = detectJpeg(frame);
    if (jpeg) seen['jpeg'] = { value: jpeg.quality, confidence: jpeg.confidence };
    const size = this.size && (frame.upright ?? frame.pixels ?? (frame.bytes && readImageHeader(frame.bytes)));
    if (size) seen['resolution'] = { value: formatSize(size), confidence: 1 };
    if (frame.pixels) {
      const brightness = this.brightness(frame.pixels);
      if (brightness) seen['brightness'] = { value: brightness.factor, confidence: brightness.confidence };
    }
    return seen;
  }

  private brightness(pixels: NonNullable<FrameEvidence['pixels']>) {
    if (this.reference.count >= this.calibrate) return this.reference.detect(pixels);
    this.reference.add(pixels);
    return undefined;
  }
}
