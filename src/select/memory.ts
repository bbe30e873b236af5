/** What is resident to serve every level: one network, a network per level, or one with an adaptor per level. */
export const RESIDENTS = ['network', 'networks', 'adaptors'] as const;
export type Resident = (typeof RESIDENTS)[number];

/** What one way of serving N levels keeps in memory. */
export interface MemoryRow {
  /** The method's name in tables. */
  method: string;
  /** Whole networks that are resident. */
  networks: number;
  /** Adaptors that are resident beside them. */
  adaptors: number;
  /** Values that they hold together. */
  parameters: number;
  /** Over the original network alone, in percent. */
  overhead: number;
}

/** A method, as it serves the levels that are done. */
export interface ResidentMethod {
  name: string;
  resident: Resident;
  /** Number of levels that it serves. */
  levels: number;
  /** Parameters of each level's adaptor, where there are adaptors. */
  sizes?: readonly number[];
  /** Index among these of the level that the base serves where there is an adaptor less. Default: the last one. */
  served?: number;
}

/**
 * The paper's arithmetic of memory: one network, one network with an adaptor per level, and a network per level.
 *
 * Adaptors of several levels come twice: for every level, and with the base itself serving one of them, as the paper counts it.
 *
 * @param total parameters of the network's whole state
 * @source Xie and Kim 2020, Table 1
 */
export function memoryTable(total: number, methods: readonly ResidentMethod[]): MemoryRow[] {
  const row = (method: string, networks: number, adaptors: readonly number[]): MemoryRow => {
    const parameters = networks * total + adaptors.reduce((sum, size) => sum + size, 0);
    return { method, networks, adaptors: adaptors.length, parameters, overhead: (100 * (parameters - total)) / total };
  };
  return methods.flatMap(({ name, resident, levels, sizes = [], served = sizes.length - 1 }) => {
    if (resident === 'network') return [row(name, 1, [])];
    if (resident === 'networks') return [row(name, levels, [])];
    const oneLess = sizes.filter((_, i) => i !== served);
    return [row(name, 1, sizes), ...(sizes.length > 1 ? [row(name, 1, oneLess)] : [])];
  });
}
