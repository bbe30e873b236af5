import { formatTable } from '../../cli/output.js';
import type { BalancerName } from './balancers.js';
import { benchFleet, type FleetRow } from './fleet.js';
import { benchRoll, type RollRow } from './roll.js';

/** `npm run bench -- fleet`; prints what docs/deploy.md holds. */
export async function benchFleetCommand(value: (name: string, fallback: string) => string): Promise<FleetRow[]> {
  const rows: FleetRow[] = [];
  for (const balancer of value('balancers', 'nginx,haproxy').split(',') as BalancerName[]) {
    rows.push(
      await benchFleet({
        ...{ balancer, seconds: Number(value('seconds', '600')), streams: Number(value('streams', '100')) },
        every: Number(value('every', '5')),
        note: (text) => console.error(text),
      }),
    );
  }
  const cells = rows.map(
    ({ balancer, seconds, streams, requests, failed, wrong, killed, moved, strayed, back, ...row }) =>
    [balancer, seconds, streams, requests, failed, wrong, killed, moved, back, strayed, row.p50.toFixed(0), row.p99.toFixed(0)], // prettier-ignore
  );
  const own = ['of the killed server', 'moved', 'back at the end', 'others moved'];
  const head = ['balancer', 's', 'streams', 'requests', 'failed', 'wrong', ...own, 'p50 ms', 'p99 ms'];
  console.log(formatTable(cells, { head, align: ['left'] }));
  for (const { balancer, failed, statuses } of rows)
    if (failed > 0)
      console.log(
        `${balancer}: failed by ${JSON.stringify(statuses)}; 503 and 504 are of busy servers, 0 of a broken connection`,
      );
  return rows;
}

/** `npm run bench -- fleet --roll`; prints what docs/deploy.md holds. */
export async function benchRollCommand(value: (name: string, fallback: string) => string): Promise<RollRow[]> {
  const rows: RollRow[] = [];
  for (const balancer of value('balancers', 'nginx').split(',') as BalancerName[]) {
    rows.push(
      await benchRoll({
        ...{ balancer, seconds: Number(value('seconds', '120')), streams: Number(value('streams', '100')) },
        every: Number(value('every', '5')),
        note: (text) => console.error(text),
      }),
    );
  }
  const cells = rows.map((row) => [
    ...[row.balancer, row.seconds, row.streams, row.rolls, row.requests, row.failed, row.mixed],
    ...[...row.answered, row.both, row.slowest.toFixed(1), row.p50.toFixed(0), row.p99.toFixed(0)],
  ]);
  const versions = ['of the one', 'of the other', 'streams of both'];
  const head = ['balancer', 's', 'streams', 'rolls', 'requests', 'failed', 'mixtures', ...versions, 'slowest s', 'p50 ms', 'p99 ms']; // prettier-ignore
  console.log(formatTable(cells, { head, align: ['left'] }));
  for (const { balancer, failed, statuses } of rows)
    if (failed > 0) console.log(`${balancer}: failed by ${JSON.stringify(statuses)}`);
  return rows;
}
