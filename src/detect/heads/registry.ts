import { db } from './db.js';
import type { Head } from './head.js';
import type { HeadName } from './names.js';
import { yolov8 } from './yolov8.js';
import { yolox } from './yolox.js';

/** Every kind of detector: one line each. */
export const HEADS: Readonly<Record<HeadName, Head>> = { yolov8, yolox, db };
