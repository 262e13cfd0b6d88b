import { expect, test } from '@playwright/test';
import { createPathRewriter } from '../../../embedded/runtime/path-rewriting.ts';

const rewrite = createPathRewriter({
  rewrites: {
    '/config': '/host/c',
    '/config/nested': '/host/n',
    '/dev/x': 'nbd+unix:///?socket=/run/x.sock',
    '/data/': '/host/d',
  },
});

for (const [text, expected, claim] of [
  ['/config/a.json', '/host/c/a.json', 'a path below a mount'],
  ['/config', '/host/c', 'the mount itself'],
  ['/config/nested/a', '/host/n/a', 'the longest mount wins'],
  ['/config/nestedness', '/host/c/nestedness', 'a longer name is not the nested mount'],
  ['/data/file', '/host/d/file', 'a mount declared with a trailing slash'],
  ['--device=/dev/x', '--device=nbd+unix:///?socket=/run/x.sock', 'a path inside of an option'],
  ['if=/dev/x', 'if=nbd+unix:///?socket=/run/x.sock', "dd's operands"],
  ['cat "/config/a" \'/config/b\'; ls /config', 'cat "/host/c/a" \'/host/c/b\'; ls /host/c', 'a shell script'],
  ['/config/a:/config/b', '/host/c/a:/host/c/b', 'a search path'],
  ['file:///config/a', 'file:///host/c/a', 'a file URL'],
] as const) {
  test(`${claim} is rewritten: ${text}`, () => {
    expect(rewrite(text)).toBe(expected);
  });
}

for (const text of [
  '/configs',
  '/config.json',
  '/etc/config',
  './config',
  '/dev/x1',
  '/dev/xvda',
  '$HOME/config',
  'http://host/config',
  '${ROOT}/config',
]) {
  test(`another path is left alone: ${text}`, () => {
    expect(rewrite(text)).toBe(text);
  });
}

test('a replacement is not rewritten again', () => {
  const swap = createPathRewriter({ rewrites: { '/a': '/b', '/b': '/a' } });
  expect(swap('/a/1 /b/2')).toBe('/b/1 /a/2');
});
