import { Transform, type Writable } from 'node:stream';

const key = { interrupt: 0x03, end: 0x04, backspace: 0x08, lineFeed: 0x0a, enter: 0x0d, erase: 0x7f };

export interface LineTerminal {
  /** What the person types, turned into what the program reads: whole lines. */
  readonly input: Transform;
  /** Takes what the program prints. */
  readonly output: Transform;
}

/**
 * What a kernel's terminal does between a person and a program, as far as it works over pipes: echo, line editing with
 * backspace, Ctrl-C, Ctrl-D and line ends. The program itself sees no terminal, so full-screen programs do not work.
 */
export function createLineTerminal(options: { screen: Writable; interrupt: () => void }): LineTerminal {
  const { screen, interrupt } = options;
  let line: number[] = [];
  let ended = false;

  function echo(bytes: string | Buffer): void {
    if (!screen.destroyed && !screen.writableEnded) {
      screen.write(bytes);
    }
  }

  const input = new Transform({
    transform(chunk: Buffer, _encoding, callback) {
      for (const byte of ended ? [] : chunk) {
        switch (byte) {
          case key.enter:
          case key.lineFeed:
            echo('\r\n');
            this.push(Buffer.from([...line, key.lineFeed]));
            line = [];
            break;
          case key.backspace:
          case key.erase:
            if (line.pop() !== undefined) {
              echo('\b \b');
            }
            break;
          case key.interrupt:
            echo('^C\r\n');
            line = [];
            interrupt();
            break;
          case key.end:
            if (line.length === 0) {
              ended = true;
              this.push(null);
              callback();
              return;
            }
            this.push(Buffer.from(line));
            line = [];
            break;
          default:
            line.push(byte);
            echo(Buffer.of(byte));
        }
      }
      callback();
    },
    flush(callback) {
      callback(null, ended ? undefined : Buffer.from(line));
    },
  });

  const output = new Transform({
    transform(chunk: Buffer, _encoding, callback) {
      callback(null, Buffer.from(chunk.toString('latin1').replace(/\r?\n/g, '\r\n'), 'latin1'));
    },
  });
  return { input, output };
}

/** A shell that is told to be interactive shows its prompt although it sees no terminal. */
export function interactiveCommand(command: readonly string[]): readonly string[] {
  const [name = ''] = command;
  return command.length === 1 && /^(.*\/)?(sh|bash|dash|ash)$/.test(name) ? [name, '-i'] : command;
}
