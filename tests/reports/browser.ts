import { existsSync } from 'node:fs';
import { chromium, test as base, type Browser, type Page } from '@playwright/test';

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);

/**
 * A page of the browser that the system has; nothing is downloaded. Without one the test is skipped and says so, except
 * in CI, where it fails. `networkRequests` is what the page asked of the network.
 */
export const test = base.extend<{ page: Page; networkRequests: string[] }, { installedBrowser: Browser | undefined }>({
  installedBrowser: [
    async ({}, use) => {
      const browser = executablePath === undefined ? undefined : await chromium.launch({ executablePath });
      await use(browser);
      await browser?.close();
    },
    { scope: 'worker' },
  ],
  networkRequests: async ({}, use) => {
    await use([]);
  },
  page: async ({ installedBrowser, networkRequests }, use) => {
    const reason = 'no Chromium is installed at /usr/bin (apt-get install chromium)';
    if (installedBrowser === undefined) {
      if (process.env['CI'] !== undefined) throw new Error(reason);
      test.skip(true, reason);
      return;
    }
    const page = await installedBrowser.newPage({ viewport: { width: 1280, height: 1000 } });
    page.on('request', (request) => {
      if (/^(https?|wss?):/.test(request.url())) networkRequests.push(request.url());
    });
    await use(page);
    await page.close();
  },
});
