/**
 * The Python program that a Ray job runs on the head: `python3 -c PROGRAM PLAN`. It hands each of our jobs to Ray as a task, which runs
 * the plan's shell command in a session of its own, and prints a line for each that is over: {@link endMark} and JSON of its id, with
 * `code` and `host`, with `fault` and `host` where it could not begin, or with `lost` where Ray lost its worker or node.
 *
 * What a worker starts outlives it, so between them stands a guard, which is no child of the worker: when the worker is gone, by whatever
 * cause, it ends the whole session, by SIGTERM and after 15 s by SIGKILL.
 *
 * Plan: `{ command, log, jobs: [[id, indices]], options, atOnce }`. The command finds id and indices in `$R4EC_JOB` and `$R4EC_INDEX`;
 * `log` is the folder of its log, or null for Ray's own; `options` are those of the Ray task.
 */
export const rayProgram = String.raw`
import json, sys
import ray

GUARD = r'''
import json, os, signal, subprocess, sys, threading, time
command, log, alive, told = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
if os.fork():
    os._exit(0)
over = threading.Event()

def tell(**what):
    os.write(told, json.dumps(what).encode())
    os._exit(0)

def signal_all(number):
    try:
        os.killpg(child.pid, number)
        return True
    except OSError:
        return False

def guard():
    os.read(alive, 1)
    over.set()
    signal_all(signal.SIGTERM)
    for _ in range(150):
        if not signal_all(0):
            break
        time.sleep(0.1)
    signal_all(signal.SIGKILL)
    os._exit(0)

try:
    if log:
        file = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        os.dup2(file, 1)
        os.dup2(file, 2)
        os.close(file)
    child = subprocess.Popen(["/bin/sh", "-c", command], stdin=subprocess.DEVNULL, start_new_session=True)
except OSError as error:
    tell(fault=str(error))
watch = threading.Thread(target=guard, daemon=True)
watch.start()
code = child.wait()
if over.is_set():
    watch.join()
tell(code=code)
'''

def run(command, log, job, indices):
    import json, os, socket, subprocess, sys
    alive, mine = os.pipe()
    answer, told = os.pipe()
    subprocess.Popen(
        [sys.executable, "-c", GUARD, command, log, str(alive), str(told)],
        env=dict(os.environ, R4EC_JOB=job, R4EC_INDEX=indices),
        pass_fds=(alive, told),
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    ).wait()
    os.close(alive)
    os.close(told)
    with os.fdopen(answer) as pipe:
        text = pipe.read()
    os.close(mine)
    return dict(json.loads(text or '{"lost": "its guard was killed"}'), host=socket.gethostname())

plan = json.loads(sys.argv[1])
log = plan["log"]
ray.init(log_to_driver=log is None)
task = ray.remote(run).options(**dict(plan["options"], max_retries=0))
waiting = plan["jobs"][::-1]
running = {}
while waiting or running:
    while waiting and len(running) < (plan["atOnce"] or len(plan["jobs"])):
        job, indices = waiting.pop()
        path = "" if log is None else log + "/" + job + ".log"
        running[task.remote(plan["command"], path, job, indices)] = job
    for done in ray.wait(list(running))[0]:
        job = running.pop(done)
        try:
            end = ray.get(done)
        except Exception as error:
            end = {"lost": type(error).__name__ + ": " + str(error)[:500]}
        print("r4ec-job " + json.dumps(dict(end, id=job)), flush=True)
`.trim();

/** Begins the line of a job that is over. */
export const endMark = "r4ec-job ";
