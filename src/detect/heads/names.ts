/** Kinds of detectors whose boxes are read. */
export const HEAD_NAMES = ['yolov8', 'yolox', 'db'] as const;

export type HeadName = (typeof HEAD_NAMES)[number];
