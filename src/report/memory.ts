/** What one way of serving N levels keeps in memory. */
export interface MemoryRow {
  method: 'original' | 'adaptor' | 'switching';
  /** Whole networks that are resident. */
  networks: number;
  /** Adaptors that are resident beside them. */
  adaptors: number;
  /** Values that they hold together. */
  parameters: number;
  /** Over the original network alone, in percent. */
  overhead: number;
}

/**
 * The paper's arithmetic of memory: one network, one network with an adaptor per level, and a network per level.
 *
 * Adaptors come twice: for every level, and with the base itself serving one of them, as the paper counts it.
 *
 * @param total parameters of the network's whole state
 * @param sizes parameters of the adaptor of each level; at most the budget
 * @param served index of the level that the base serves where there is an adaptor less
 * @source Xie and Kim 2020, Table 1
 */
export function memoryTable(total: number, sizes: readonly number[], served = sizes.length - 1): MemoryRow[] {
  const row = (method: MemoryRow['method'], networks: number, adaptors: readonly number[]): MemoryRow => {
    const parameters = networks * total + adaptors.reduce((sum, size) => sum + size, 0);
    return { method, networks, adaptors: adaptors.length, parameters, overhead: (100 * (parameters - total)) / total };
  };
  return [
    row('original', 1, []),
    row('adaptor', 1, sizes),
    row(
      'adaptor',
      1,
      sizes.filter((_, i) => i !== served),
    ),
    row('switching', sizes.length, []),
  ];
}
