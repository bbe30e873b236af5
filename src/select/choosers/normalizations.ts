/** Whether a tensor is a running mean or variance. */
export function isStatistic(tensor: string): boolean {
  return /\.running_(mean|var)$/.test(tensor);
}

/** Tells which of a network's tensors belong to normalizations: layers that have running statistics. */
export function normalizationsOf(tensors: readonly string[]): (tensor: string) => boolean {
  const all = new Set(tensors);
  return (tensor) => all.has(`${tensor.slice(0, tensor.lastIndexOf('.'))}.running_mean`);
}
