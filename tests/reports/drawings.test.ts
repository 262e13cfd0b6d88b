import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type Page } from '@playwright/test';
import type { RunEvent } from '../../helpers/verdict/events.ts';
import { drawEvidence } from '../../reports/drawings/evidence.ts';
import { escapeXml } from '../../reports/drawings/svg.ts';
import { history, imageOnlyMibs, planFor, withEvent } from '../unit/verdict/histories.ts';
import { test } from './browser.ts';

function drawingOf(name: string, events: readonly RunEvent[]): string {
  const svg = drawEvidence(events).find((drawing) => drawing.name === name)?.svg;
  if (svg === undefined) throw new Error(`no drawing is named ${name}`);
  return svg;
}

/** Opens a drawing as a file, as a person would; the browser refuses XML that is not well-formed. */
async function open(page: Page, svg: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'drawing-'));
  const path = join(folder, 'drawing.svg');
  await writeFile(path, svg);
  await page.goto(`file://${path}`);
  await rm(folder, { recursive: true });
  expect(await page.evaluate<string>('document.documentElement.tagName')).toBe('svg');
  await expect(page.locator('parsererror')).toHaveCount(0);
}

const broken = history({ longhornVersion: 'v1.8.0', lostImage: true });

test('the map before has one cell per MiB, by range class, none of them wrong', async ({ page }) => {
  await open(page, drawingOf('block-map-before', broken));
  await expect(page.locator('.cell')).toHaveCount(64);
  await expect(page.locator('.cell.wrong')).toHaveCount(0);
  expect(await page.locator('.cell.image-data').count()).toBeGreaterThan(20);
  expect(await page.locator('.cell.beyond-image').count()).toBeGreaterThan(10);
});

test('the map after marks exactly the lost MiBs as zeros on the rebuilt replica, and a tooltip says what they are', async ({
  page,
}) => {
  await open(page, drawingOf('block-map-after', broken));
  const alone = page.locator('.panel').first();
  await expect(alone).toContainText('Read alone: r-8293a4b5 on disk node-3/block-disk-3');
  const lost = imageOnlyMibs(planFor(64));
  await expect(alone.locator('.cell.wrong.zeros')).toHaveCount(lost.length);
  await expect(alone.locator('.cell.wrong')).toHaveCount(lost.length);
  const tooltips = await alone.locator('.cell.wrong > title').allTextContents();
  expect(tooltips.map((text) => Number(/^MiB (\d+):/.exec(text)?.[1]))).toEqual(lost);
  expect(tooltips[0]).toContain('of image data');
  expect(tooltips[0]).toContain('wrong in 1 of 1 pass: bytes that read as zeros');
});

interface Layout {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly { x: number; y: number; right: number; bottom: number }[];
}

/** Runs in the page: where each cell is drawn. */
const layoutScript = `(() => {
  const { width, height } = document.documentElement.getBoundingClientRect();
  const cells = [...document.querySelectorAll('.cell > rect:first-of-type')];
  return { width, height, boxes: cells.map((cell) => cell.getBoundingClientRect().toJSON()) };
})()`;

for (const { sizeMib, cells } of [
  { sizeMib: 64, cells: 64 },
  { sizeMib: 500, cells: 500 },
  { sizeMib: 2048, cells: 2048 },
  { sizeMib: 6000, cells: 3000 },
]) {
  test(`${sizeMib} MiB are ${cells} cells that stay inside the drawing and do not overlap`, async ({ page }) => {
    await open(page, drawingOf('block-map-before', history({ sizeMib, reads: 1 })));
    await expect(page.locator('.cell')).toHaveCount(cells);
    const { boxes, width, height } = await page.evaluate<Layout>(layoutScript);
    const layout = {
      outside: boxes.filter((box) => box.right > width || box.bottom > height).length,
      places: new Set(boxes.map(({ x, y }) => `${x.toFixed(1)} ${y.toFixed(1)}`)).size,
      smallest: Math.min(...boxes.map(({ right, x }) => right - x)),
    };
    expect(layout).toMatchObject({ outside: 0, places: cells });
    expect(layout.smallest).toBeGreaterThan(5);
  });
}

test('no text of a drawing runs out of it', async ({ page }) => {
  const events = history({ longhornVersion: 'v1.8.0', lostImage: true, sizeMib: 500 });
  for (const { svg } of drawEvidence(events)) {
    await open(page, svg);
    const cut = await page.evaluate<string[]>(`[...document.querySelectorAll('text')]
      .filter((text) => text.getBoundingClientRect().right > document.documentElement.getBoundingClientRect().width)
      .map((text) => text.textContent)`);
    expect(cut).toEqual([]);
  }
});

test('the timeline shows the rebuild: degraded, the new replica WO then RW, and wrong passes after it', async ({
  page,
}) => {
  await open(page, drawingOf('timeline', broken));
  await expect(page.locator('.volume.underway').first()).toContainText('degraded');
  await expect(page.locator('.replica.underway')).toHaveCount(2);
  await expect(page.locator('.pass.good')).toHaveCount(2);
  await expect(page.locator('.pass.bad')).toHaveCount(6);
  await expect(page.locator('svg > text', { hasText: 'r-8293a4b5 rebuilt' })).toHaveCount(1);
});

test('what a log says never becomes markup', async ({ page }) => {
  const hostile = '</text><script>alert(1)</script>&amp;"\u0000\u001b[31m\ud800';
  let events = withEvent(broken, { type: 'step', title: hostile, state: 'started' });
  events = withEvent(events, { type: 'step', title: hostile, state: 'failed', error: hostile });
  events = withEvent(events, { type: 'observed', kind: 'Volume', name: hostile, summary: { state: hostile } });
  for (const { svg } of drawEvidence(events)) {
    await open(page, svg);
    await expect(page.locator('script')).toHaveCount(0);
  }
  expect(escapeXml('<&>"\'')).toBe('&lt;&amp;&gt;&quot;&apos;');
});

test('a log that ends anywhere can be drawn', () => {
  for (let length = 0; length <= broken.length; length += 1) {
    const names = drawEvidence(broken.slice(0, length)).map(({ name }) => name);
    expect(names.includes('timeline')).toBe(length > 0);
    expect(names.includes('block-map-before')).toBe(length > 1);
  }
});
