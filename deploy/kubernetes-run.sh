#!/bin/sh
# Runs a job of runtime.executor.array as an Indexed Job of Kubernetes, a pod per task, and waits for its end:
#
#   array: { command: "deploy/kubernetes-run.sh job.yaml {task}", tasksPerJob: 100, tries: 1 }
#
# job.yaml is a copy of kubernetes-job.yaml that fits the cluster. Name, completions and args of its first container are set here; so is
# the CPU and memory it asks for, where resources of the pipeline file name them. kubectl must reach the cluster, which is asked every
# ten seconds (R4EC_POLL_SECONDS).
#
# Exit code: 0 when all pods have ended well; 1 when not; 2 when another try will not help; 143 when told to end, and the Job is deleted.
set -eu

complain() { echo "kubernetes-run.sh: $*" >&2; }
json() { printf '"%s"' "$(printf '%s' "$1" | sed 's/[\\"]/\\&/g')"; }

manifest=${1:-}
[ $# -eq 0 ] || shift
while [ $# -gt 0 ] && [ "$1" != task ]; do shift; done # what starts r4ec here: the image has its own
args='' stage='' index='' job="$(date +%s)-$$" resources=''
container=/spec/template/spec/containers/0
while [ $# -gt 0 ]; do
  case $1 in
    --job) # names one process, and there will be many
      job=$2
      shift 2
      continue
      ;;
    --stage) stage=$2 ;;
    --index) index=$2 ;;
    --threads) resources="$resources,{\"op\":\"add\",\"path\":\"$container/resources/requests/cpu\",\"value\":\"$2\"}" ;;
    --memory) # half of memoryMb
      case $2 in
        *[!0-9]*MB | MB) ;;
        *MB)
          for kind in requests limits; do
            resources="$resources,{\"op\":\"add\",\"path\":\"$container/resources/$kind/memory\",\"value\":\"$((2 * ${2%MB}))Mi\"}"
          done
          ;;
      esac
      ;;
  esac
  args="$args$(json "$1"),"
  shift
done
if [ ! -f "$manifest" ] || [ -z "$stage" ] || [ -z "$index" ]; then
  complain 'usage: kubernetes-run.sh job.yaml {task}, where {task} is r4ec task --run s3://… --stage NAME --index N-M'
  exit 2
fi
count=$(echo "$index" | tr ',' '\n' | awk -F- '{ sum += (NF > 1 ? $2 : $1) - $1 + 1 } END { print sum }')
name=$(echo "r4ec-$stage-$job" | tr 'A-Z_.' 'a-z--' | cut -c 1-52)

is_over=no
# shellcheck disable=SC2329 # the trap calls it
leave() {
  code=$?
  trap - EXIT
  [ "$is_over" = yes ] || kubectl delete job "$name" --ignore-not-found --wait=false || complain "Job $name may be at work still"
  exit "$code"
}
filled=$(kubectl patch --local -f "$manifest" --type=json -o yaml -p "[
  {\"op\":\"add\",\"path\":\"/metadata/name\",\"value\":\"$name\"},
  {\"op\":\"add\",\"path\":\"/spec/completions\",\"value\":$count},
  {\"op\":\"add\",\"path\":\"$container/args\",\"value\":[$args\"--nth\",\"\$(JOB_COMPLETION_INDEX)\"]}$resources]")
trap leave EXIT
trap 'exit 143' INT TERM HUP
printf '%s\n' "$filled" | kubectl apply -f -

misses=0
while :; do
  if state=$(kubectl get job "$name" --ignore-not-found -o 'jsonpath={.kind} {.status.conditions[?(@.status=="True")].type}'); then
    misses=0
    case "$state " in
      ' ')
        complain "somebody has deleted Job $name"
        exit 1
        ;;
      *' Complete '*)
        is_over=yes
        exit 0
        ;;
      *' Failed '*) break ;;
    esac
  else
    misses=$((misses + 1))
    if [ "$misses" -ge 60 ]; then
      complain "the cluster has been out of reach for $misses looks"
      exit 1
    fi
  fi
  sleep "${R4EC_POLL_SECONDS:-10}" &
  wait $!
done

is_over=yes # and stays for kubectl describe, until ttlSecondsAfterFinished
failed=$(kubectl get pods --selector="job-name=$name" --field-selector=status.phase=Failed -o \
  'jsonpath={range .items[*]}{.metadata.name} {.status.containerStatuses[?(@.name=="r4ec")].state.terminated.exitCode}{"\n"}{end}') || failed=''
final=$(echo "$failed" | awk '$2 == 2 { print $1; exit }')
pod=${final:-$(echo "$failed" | awk 'NF { pod = $1 } END { print pod }')}
complain "Job $name has failed${pod:+; the last lines of pod $pod:}"
[ -z "$pod" ] || kubectl logs "$pod" --tail=10 || true
[ -z "$final" ] || exit 2
exit 1
