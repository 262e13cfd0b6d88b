import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';
import { catalogue } from '../../../embedded/faults/catalogue/index.ts';
import { FaultRequestError } from '../../../embedded/faults/parameters.ts';
import { armFault, describeRequest, parseFaultRequest } from '../../../embedded/faults/request.ts';

const folder = fileURLToPath(new URL('../../../embedded/faults/catalogue', import.meta.url));

test('every file of the catalogue is listed, under its id, once', async () => {
  const files = (await readdir(folder)).filter((name) => name !== 'index.ts');
  const ids = files.map((name) => (name.split('-')[0] ?? '').toUpperCase());
  expect(catalogue.map(({ id }) => id).sort()).toEqual(ids.sort());
});

test('every fault names a real defect that can be looked up', () => {
  for (const { id, copies } of catalogue.filter((fault) => fault.id.startsWith('FM'))) {
    expect(copies, id).not.toEqual([]);
    for (const { url } of copies) expect(new URL(url).pathname.length, `${id}: ${url}`).toBeGreaterThan(1);
  }
});

test('a request keeps what it was given and spells the defaults out', () => {
  expect(describeRequest(parseFaultRequest('FM11:at=last'))).toBe('FM11:clusters=1,at=last,rebuild=every');
  expect(describeRequest(parseFaultRequest('fm18'))).toBe('FM18');
});

for (const { text, words } of [
  { text: 'FM99', words: 'no fault "FM99"; there are FM01, ' },
  { text: 'FM11:clusters=0', words: 'FM11: clusters wants a whole number from 1 to 1000, got "0"' },
  { text: 'FM11:at=middle', words: 'FM11: at wants one of first, last, random, got "middle"' },
  { text: 'FM11:depth=1', words: 'FM11 has no parameter "depth=1"; it has: clusters, at, rebuild' },
  ...catalogue.flatMap((fault) =>
    fault.kind === 'unreached'
      ? [{ text: fault.id, words: `${fault.id} (${fault.name}) cannot be live: it needs ${fault.needs}` }]
      : [],
  ),
]) {
  test(`a request for ${text} is refused in one line that says why`, () => {
    let message = '';
    try {
      parseFaultRequest(text);
    } catch (error) {
      expect(error).toBeInstanceOf(FaultRequestError);
      message = (error as Error).message;
    }
    expect(message).toContain(words);
    expect(message).not.toContain('\n');
  });
}

test('every fault and control arms with its defaults and has changed nothing by then', () => {
  for (const { id } of catalogue.filter(({ kind }) => kind !== 'unreached')) {
    expect(armFault(parseFaultRequest(id), 'seed').liveness.report().differences, id).toBe(0);
  }
});
