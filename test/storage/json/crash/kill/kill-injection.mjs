const calls = ['makeFolder', 'createExclusive', 'startHeartbeat', 'replace', 'move', 'remove', 'syncFolder'];

/**
 * The file system until it kills the process: `when` hears of each call that changes something, and says whether that is
 * the one to die at, `before`, `during` or `after` it.
 */
export function injectKills(real, when) {
  const wrap =
    (call, work) =>
    async (path, ...rest) => {
      const moment = when(call, path);
      if (moment === 'before') die();
      if (moment === 'during') setImmediate(die);
      const value = await work(path, ...rest);
      if (moment === 'after') die();
      return value;
    };
  const file = (path, opened) => ({
    append: (bytes) => wrap('append', () => opened.append(bytes))(path),
    sync: () => wrap('sync', () => opened.sync())(path),
    close: () => opened.close(),
  });
  return {
    ...real,
    ...Object.fromEntries(calls.map((call) => [call, wrap(call, real[call])])),
    create: wrap('create', async (path) => file(path, await real.create(path))),
    openForAppend: wrap('openForAppend', async (path) => file(path, await real.openForAppend(path))),
  };
}

function die() {
  process.kill(process.pid, 'SIGKILL');
}
