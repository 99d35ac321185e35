#!/bin/sh
# program_test.sh CONFORMANCE ENGINE: exit codes, reports and attaching, as a vendor meets them.
set -eu
suite=$1 engine=$2
work=$(mktemp -d)
running=
trap 'kill $running 2>/dev/null || true; rm -rf "$work"' EXIT

expect() { # CODE COMMAND...
  wanted=$1
  shift
  got=0
  "$@" >"$work/out" 2>&1 || got=$?
  if [ "$got" != "$wanted" ]; then
    echo "exit code $got, not $wanted: $*"
    cat "$work/out"
    exit 1
  fi
}
says() { grep -q -- "$1" "$work/out" || { echo "'$1' is not in:"; cat "$work/out"; exit 1; }; }

peer="-- $engine --control {control} --stream {stream} --telemetry {telemetry} --driver paced"

expect 2 "$suite"
expect 2 "$suite" run --role drummer $peer
expect 2 "$suite" run --role signal
expect 2 "$suite" run --role signal -- "$engine"
expect 2 "$suite" run --role signal --case signal.hello.nonsense $peer
says 'signal.hello.nonsense'
expect 2 "$suite" run --role signal --attach nonsense
expect 2 "$suite" explain signal.hello.nonsense
expect 2 "$suite" report --merge "$work/nothing.json"

expect 3 "$suite" run --role signal -- /bin/true '{control}'
says 'notStarted: the peer exited with code 0'
expect 3 "$suite" run --role signal -- /nowhere/engine '{control}'

expect 5 "$suite" run --role signal --case signal.hello.held --json "$work/a.json" --junit "$work/a.xml" --tap "$work/a.tap" --html "$work/a.html" $peer
says 'incomplete'
grep -q '"verdict": "incomplete"' "$work/a.json"
grep -q '<testcase classname="signal.hello.held" name="refused"' "$work/a.xml"
grep -q '^ok .* signal.hello.held/refused$' "$work/a.tap"
grep -q 'signal.hello.held' "$work/a.html"
expect 5 "$suite" run --role signal --case signal.hello.required --json "$work/b.json" $peer
expect 5 "$suite" report --merge "$work/a.json" "$work/b.json" --json "$work/c.json"
says '2 cases'
expect 5 "$suite" run --role signal --level wire $peer

# One failure: what was sent, what is required and where, what came, and how to repeat it.
expect 1 "$suite" run --role signal --case signal.envelope.answers -- "$suite" play-fault answers-twice --control '{control}' --stream '{stream}' \
  --telemetry '{telemetry}' -- "$engine" --control @control@ --stream @stream@ --telemetry @telemetry@ --driver paced
says 'failed  signal.envelope.answers/once'
says 'required: ENV-14 (protocol/envelope.md#commands-and-answers): A command MUST get exactly one answer'
says 'pulse sent'
says 'again, this case alone: .* --case signal.envelope.answers -- '

# Known failures still run and never change the verdict; each has a reason and is of a check that there is.
echo 'signal.hello.held/refused we are working on it' >"$work/known"
expect 5 "$suite" run --role signal --case signal.hello.held --expected "$work/known" $peer
says 'passed, though it was expected to fail: signal.hello.held/refused'
echo 'signal.hello.held/refused' >"$work/known"
expect 2 "$suite" run --role signal --expected "$work/known" $peer
echo 'signal.hello.held/nonsense because' >"$work/known"
expect 2 "$suite" run --role signal --expected "$work/known" $peer

# A peer that runs already.
"$engine" --control "ipc://$work/control" --stream "ipc://$work/stream" --telemetry "ipc://$work/telemetry" --driver paced --log-level error &
running=$!
attached="control=ipc://$work/control,stream=ipc://$work/stream,telemetry=ipc://$work/telemetry"
expect 5 "$suite" run --role signal --attach "$attached" --case 'signal.hello.*' --case signal.process.epochs
says 'notRun'

"$suite" list --role signal --json | grep -q '"id": "signal.hello.held/refused"'
expect 0 "$suite" explain signal.hello.held/refused
says 'Steps:'
says 'HELLO-10'
