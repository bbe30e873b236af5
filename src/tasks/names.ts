/** What networks are for. Apart from the tasks themselves, which need an engine's package. */
export const TASK_NAMES = ['classification', 'features', 'foreground', 'segmentation'] as const;

export type TaskName = (typeof TASK_NAMES)[number];
