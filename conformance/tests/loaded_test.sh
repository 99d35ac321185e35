#!/bin/bash
# loaded_test.sh CONFORMANCE ENGINE PULSE AURA: level required, three times, while every core has two other things to do. The reference peers
# are conformant each time, and each check has the same outcome: what the suite says of a peer does not depend on the machine.
set -eu
suite=$1 engine=$2 pulse=$3 aura=$4
work=$(mktemp -d)
spinners=()
trap 'kill "${spinners[@]}" 2>/dev/null || true; rm -rf "$work"' EXIT
for ((i = 0; i < 2 * $(nproc); ++i)); do
  timeout 900 bash -c 'while :; do :; done' & # ends by itself, should this script be killed
  spinners+=($!)
done

judge() { # ROLE REPEAT COMMAND...
  local role=$1 repeat=$2
  shift 2
  "$suite" run --role "$role" --jobs 6 --json "$work/$role-$repeat.json" -- "$@" >"$work/$role-$repeat.log" 2>&1 || {
    grep -v '^pass' "$work/$role-$repeat.log"
    echo "role $role is not conformant on a loaded machine (repeat $repeat)"
    return 1
  }
  # Ids of checks and their outcomes, without what differs by nature.
  grep -oE '"(id|outcome)": "[^"]*"' "$work/$role-$repeat.json" | grep -A1 '/' >"$work/$role-$repeat.outcomes"
}

for repeat in 1 2 3; do
  judge signal "$repeat" "$engine" --control '{control}' --stream '{stream}' --telemetry '{telemetry}' --driver paced --log-level error &
  others=($!)
  judge aura "$repeat" "$aura" --session '{session}' attend --driver '{driver}' &
  others+=($!)
  judge pulse "$repeat" "$pulse" --listen '{project}' --signal '{engine}' --log-level error
  for other in "${others[@]}"; do wait "$other"; done
  for role in signal pulse aura; do cmp "$work/$role-1.outcomes" "$work/$role-$repeat.outcomes"; done
  tail -n 2 -q "$work"/{signal,pulse,aura}-"$repeat".log
done
