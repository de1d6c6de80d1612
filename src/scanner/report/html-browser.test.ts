import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { chromiumFile, look, noChromium } from '../../../test/support/chromium.ts';
import { scratch } from '../../../test/support/program.ts';
import type { ScanReport } from '../model/report.ts';
import { emptyReport, hostileReport, report } from './fixture.ts';
import { htmlReport } from './html.ts';

// The page in a real browser: what it loads, what it lets run, who can read it.
let browser: Browser | undefined;
before(async () => {
  if (noChromium !== false) return;
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  browser = await chromium.launch({ executablePath: chromiumFile as string, args });
});
after(() => browser?.close());

/** Opens a report from a file, as people do. */
async function open(
  t: { after(work: () => void): void },
  given: ScanReport,
  options: BrowserContextOptions = {},
): Promise<Page> {
  const file = join(scratch(t), 'report.html');
  writeFileSync(file, [...htmlReport(given)].join(''));
  const context = await (browser as Browser).newContext(options);
  t.after(() => context.close());
  const page = await context.newPage();
  await page.goto(pathToFileURL(file).href);
  return page;
}

const openAll = (page: Page): Promise<void> =>
  page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true");

test('axe finds nothing: light and dark, wide and narrow, all opened; no page scrolls sideways', {
  skip: noChromium,
  timeout: 120_000,
}, async (t) => {
  const problems: string[] = [];
  for (const [name, given] of Object.entries({ found: report(), empty: emptyReport(), hostile: hostileReport() }))
    for (const colorScheme of ['light', 'dark'] as const)
      for (const width of [1_200, 360]) {
        // axe is put in by a script, which the policy of the page would not let in.
        const page = await open(t, given, { colorScheme, viewport: { width, height: 900 }, bypassCSP: true });
        await openAll(page);
        problems.push(...(await look(page, `scan-${name}-${colorScheme}-${width}`)));
        if (await page.evaluate('document.documentElement.scrollWidth > innerWidth'))
          problems.push(`${name} ${width}: scrolls`);
      }
  assert.deepEqual(problems, []);
});

test('nothing is loaded, nothing runs, nothing is refused: the page keeps to its own policy', {
  skip: noChromium,
}, async (t) => {
  for (const given of [report(), hostileReport()]) {
    const file = join(scratch(t), 'report.html');
    writeFileSync(file, [...htmlReport(given)].join(''));
    const page = await (browser as Browser).newPage();
    t.after(() => page.close());
    const seen: string[] = [];
    page.on('request', (request) => seen.push(request.url()));
    page.on('console', (message) => seen.push(message.text()));
    page.on('dialog', (dialog) => {
      seen.push(`dialog ${dialog.message()}`);
      void dialog.dismiss();
    });
    const url = pathToFileURL(file).href;
    await page.goto(url);
    await page.evaluate('new Promise((done) => requestAnimationFrame(() => done()))');
    assert.deepEqual(seen, [url]);
    assert.equal(await page.locator('script, img, iframe, object, link').count(), 0);
    // The style was let in.
    assert.equal(await page.evaluate("getComputedStyle(document.querySelector('.verdict')).borderLeftStyle"), 'solid');
  }
});

test('severities are hidden and shown without a script', { skip: noChromium }, async (t) => {
  const page = await open(t, report());
  const title = page.getByRole('heading', { name: 'SQL injection' });
  assert.equal(await title.isVisible(), true);
  await page.getByLabel('1 critical').uncheck();
  assert.equal(await title.isVisible(), false);
  assert.equal(await page.getByRole('heading', { name: 'Objects of one user' }).isVisible(), true);
  await page.getByLabel('1 critical').check();
  assert.equal(await title.isVisible(), true);
});

test('on paper everything is there, opened or not', { skip: noChromium }, async (t) => {
  const page = await open(t, report());
  const command = page.getByText("search=ann'\\'''", { exact: false }).last();
  assert.equal(await command.isVisible(), false);
  await page.emulateMedia({ media: 'print' });
  assert.equal(await command.isVisible(), true);
  assert.equal(await page.getByRole('group', { name: 'Show' }).isVisible(), false);
});
