#!/usr/bin/env bash
# What of a network to adapt, at one level and with equal training: the knapsack's choice, first layers, scales and shifts, low-rank changes,
# everything. After scripts/experiments/adapt-onnx.sh NAME, whose network and pictures it takes:
#
#   bash scripts/experiments/compare-onnx.sh ocr-jpeg --size 160x224
#
# The scores go into experiments/NAME/compare.jsonl. LEVEL, STEPS and BUDGET may be set.
set -euo pipefail
name="$1"
shift
cd "$(dirname "$0")/../.."
level="${LEVEL:-jpeg=5}" steps="${STEPS:-120}" budget="${BUDGET:-0.2%}"
work="runs/$name"
compared="$work/compare"
base=(--checkpoint "$work/net" --data "list:$work/pictures")
training=(--level "$level" --objective teacher --optimizer adam --weight-decay 0 --no-flip --batch 4 --steps "$steps" --seed 1 --resume "$@")
table="experiments/$name/compare.jsonl"
: >"$table"

# scored METHOD OPTION..
scored() {
  npx gearnn eval "${base[@]}" --level "$level" --agreement --json "${@:2}" >"$compared/$1.json"
  node -e "
    const rows = JSON.parse(require('fs').readFileSync('$compared/$1.json', 'utf8')).rows;
    const { scores, parameters } = rows.at(-1);
    console.log(JSON.stringify({ method: '$1', level: '$level', steps: $steps, parameters, scores }));" >>"$table"
}

# adaptor METHOD SPLIT-OPTION..
adaptor() {
  npx gearnn split --base "$work/net" --tuned "$compared/everything/$level" --budget "$budget" "${@:2}" --force --out "$compared/$1.split.json"
  npx gearnn finetune "${base[@]}" "${training[@]}" --split "$compared/$1.split.json" --learning-rate 0.005 --out "$compared/$1/$level"
  scored "$1" --adaptors "$compared/$1"
}

mkdir -p "$compared"
scored original
npx gearnn finetune "${base[@]}" "${training[@]}" --adapt learned --learning-rate 0.001 --out "$compared/everything/$level"
scored everything --tuned "$compared/everything"
adaptor knapsack
adaptor first-layers --choose first-layers
adaptor scales-and-shifts --choose affine
npx gearnn finetune "${base[@]}" "${training[@]}" --adapt "lora:$budget" --learning-rate 0.005 --out "$compared/lora/$level"
scored lora --adaptors "$compared/lora"
cat "$table"
