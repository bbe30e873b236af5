import type { Objective } from './objective.js';

/** What the task asks for: the labels of the images as they are trained on. */
export const labels: Objective = {
  name: 'labels',
  views: ['distorted'],
  needsTarget: true,
  identity: {},
  open: ({ task }) => ({
    losses: (forward, { distorted }, targets) => task.losses(forward(distorted!), targets),
    dispose: () => {},
  }),
};
