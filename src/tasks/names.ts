/** What networks are for. Apart from the tasks themselves, which need an engine's package. */
export const TASK_NAMES = [
  'classification',
  'detection',
  'features',
  'foreground',
  'instances',
  'segmentation',
] as const;

export type TaskName = (typeof TASK_NAMES)[number];
