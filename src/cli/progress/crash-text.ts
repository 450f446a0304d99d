/** What a user is told of a process that ended without a word. `running`: the tasks it was at. */
export function crashText(running: readonly string[]): string {
  const where = running.length === 0 ? "between two tasks" : `at ${running.join("; ")}`;
  return (
    `\nr4ec: the run's process ended without a word, ${where}: a native part crashed, or the process was killed. ` +
    "Finished work is kept: run the same command again.\n" +
    "If it ends like this again: memory may be short (set runtime.memoryLimit lower, use fewer --threads, or look for the " +
    'out-of-memory killer in the system\'s log), too few files may be open (ulimit -n), or a native part does not fit this machine ("r4ec doctor").\n'
  );
}
