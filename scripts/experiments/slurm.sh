#!/usr/bin/env bash
# Runs an experiment by deploy/slurm-workers.sbatch on a Slurm of its own on this machine: munged, slurmctld and slurmd, beside a Redis.
# Needs root, and Debian's slurm-wlm, munge and redis-server.
#
#   bash scripts/experiments/slurm.sh CONFIG OUT [WORKERS]
set -euo pipefail
config=$(realpath "$1") out=$(realpath -m "$2") workers=${3:-2}
root=$(cd "$(dirname "$0")/../.." && pwd)
place=$(mktemp -d)
host=$(hostname)
pids=()
finish() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait
  rm -rf "$place"
}
trap finish EXIT

mkdir -p "$place/state" "$place/spool"
(umask 077 && head -c 1024 /dev/urandom >"$place/munge.key")
chmod 711 "$place"
cat >"$place/slurm.conf" <<CONF
ClusterName=gearnn
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=16817
SlurmdPort=16818
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$place/munge.socket
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
StateSaveLocation=$place/state
SlurmdSpoolDir=$place/spool
SlurmctldPidFile=$place/slurmctld.pid
SlurmdPidFile=$place/slurmd.pid
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
export SLURM_CONF="$place/slurm.conf"
munged --force --foreground --key-file="$place/munge.key" --socket="$place/munge.socket" --pid-file="$place/munge.pid" \
  --log-file="$place/munge.log" --seed-file="$place/munge.seed" &
pids+=($!)
slurmctld -D >"$place/slurmctld.log" 2>&1 &
pids+=($!)
slurmd -D >"$place/slurmd.log" 2>&1 &
pids+=($!)
redis-server --port 16379 --bind 127.0.0.1 --dir "$place" --save '' --appendonly yes >"$place/redis.log" &
pids+=($!)
until sinfo --noheader --states=idle --format=%n 2>/dev/null | grep -q .; do sleep 1; done

export GEARNN_QUEUE=redis://127.0.0.1:16379/0 GEARNN_STORE="$place/store" GEARNN="$place/gearnn"
printf '#!/bin/sh\nexec node "%s/dist/cli/main.js" "$@"\n' "$root" >"$GEARNN"
chmod 755 "$GEARNN"
"$GEARNN" run "$config" --queue "$GEARNN_QUEUE" --store "$GEARNN_STORE" --work "$place/work" --out "$out" --no-frames &
run=$!
pids+=("$run")
# Not before there is something on the queue: workers of an empty one leave.
until redis-cli -p 16379 exists gearnn:steps:wait | grep -q 1; do sleep 1; done
sbatch --array="1-$workers" --cpus-per-task=1 --output="$place/worker-%a.log" "$root/deploy/slurm-workers.sbatch"
wait "$run"
# With --once they leave by themselves.
while [[ -n "$(squeue --noheader)" ]]; do sleep 1; done
tail -n 3 "$place"/worker-*.log
