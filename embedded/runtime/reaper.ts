import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * Kept in a shell, because a shell starts in a millisecond and needs no memory. It reads which process groups exist and,
 * when the pipe closes (its parent is gone, however it went), kills those that are left and removes the directory.
 */
const script = `
trap '' HUP INT TERM
groups=' '
while read -r change group; do
  case $change in
    add) groups="$groups$group " ;;
    remove) case $groups in *" $group "*) groups="\${groups%% $group *} \${groups#* $group }" ;; esac ;;
  esac
done
for group in $groups; do kill -s KILL -- "-$group" 2>/dev/null; done
rm -rf -- "$1"
`;

/** Kills what this process started once this process is gone, even when it was killed itself. */
export interface Reaper {
  /** Resolves when the reaper is bound to hear of it: from then on the group cannot outlive this process. */
  add(processGroup: number): Promise<void>;
  remove(processGroup: number): void;
  /** Ends the reaper as the death of this process would; resolves when groups and directory are gone. */
  close(): Promise<void>;
}

export function startReaper(options: { directory: string }): Reaper {
  const shell = spawn('/bin/sh', ['-c', script, 'reaper', options.directory], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const exited = once(shell, 'exit').catch(() => undefined);
  shell.stdin.on('error', () => undefined);
  shell.unref();
  return {
    add(processGroup) {
      return new Promise((resolve, reject) => {
        shell.stdin.write(`add ${processGroup}\n`, (cause) => {
          if (cause) {
            reject(
              new Error('The process that cleans up after the embedded cluster is gone; restart the cluster.', {
                cause,
              }),
            );
          } else {
            resolve();
          }
        });
      });
    },
    remove(processGroup) {
      if (shell.stdin.writable) {
        shell.stdin.write(`remove ${processGroup}\n`);
      }
    },
    async close() {
      shell.ref();
      shell.stdin.end();
      await exited;
    },
  };
}
