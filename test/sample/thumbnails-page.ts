import type { Browser, Locator, Page } from 'playwright-core';
import { until } from '../support/until';

/** What a browser knows of an image. */
type Image = object & { readonly complete: boolean; readonly naturalWidth: number };

/** The page of sample 07, as who uses it meets it. */
export class ThumbnailsPage {
  /** Errors of scripts, and answers that were none. */
  readonly complaints: string[] = [];

  private constructor(private readonly page: Page) {
    page.on('pageerror', ({ message }) => this.complaints.push(message));
    page.on('response', (answer) => {
      if (answer.status() >= 400) this.complaints.push(`${answer.status()} ${answer.url()}`);
    });
  }

  static async open(browser: Browser, url: string): Promise<ThumbnailsPage> {
    const page = new ThumbnailsPage(await browser.newPage({ viewport: { width: 1120, height: 900 } }));
    await page.page.goto(url);
    await page.page.getByText('live', { exact: true }).waitFor();
    return page;
  }

  async upload(files: readonly { readonly name: string; readonly buffer: Buffer }[]): Promise<void> {
    await this.page
      .locator('input[type=file]')
      .setInputFiles(files.map((file) => ({ ...file, mimeType: 'image/jpeg' })));
  }

  async has(name: string, state: string, { within = 30 } = {}): Promise<void> {
    await until(
      `${name} is ${state}`,
      async () => (await this.card(name).locator('.state').innerText()) === state,
      { within },
    );
  }

  /** What the bar of a picture shows, each number once, until it is full. */
  async progress(name: string): Promise<number[]> {
    const seen: number[] = [];
    const bar = this.card(name).locator('progress');
    await until(
      `all of ${name} is made`,
      async () => {
        const value = Number(await bar.getAttribute('value'));
        if (value !== seen.at(-1)) seen.push(value);
        return String(value) === (await bar.getAttribute('max'));
      },
      { within: 30 },
    );
    return seen;
  }

  async cancel(name: string): Promise<void> {
    await this.card(name).getByRole('button', { name: 'Cancel' }).click();
  }

  async remove(name: string): Promise<void> {
    await this.card(name).getByRole('button', { name: 'Remove' }).click();
  }

  /** The sizes that it links to. */
  sizes(name: string): Promise<string[]> {
    return this.card(name).locator('.sizes a').allInnerTexts();
  }

  /** How wide the picture is that the card shows; 0 when it could not be loaded. */
  async shownWidth(name: string): Promise<number> {
    const image = this.card(name).locator('img');
    await until(`the picture of ${name} is loaded`, () => image.evaluate((it) => (it as Image).complete));
    return image.evaluate((it) => (it as Image).naturalWidth);
  }

  /** The newest picture comes first. */
  names(): Promise<string[]> {
    return this.page.locator('#pictures h2').allInnerTexts();
  }

  problem(name: string): Promise<string> {
    return this.card(name).locator('.problem').innerText();
  }

  async reload(): Promise<void> {
    await this.page.reload();
    await this.page.getByText('live', { exact: true }).waitFor();
  }

  async picture(path: string): Promise<void> {
    await this.page.screenshot({ path, fullPage: true });
  }

  async close(): Promise<void> {
    await this.page.close();
  }

  private card(name: string): Locator {
    return this.page.locator('#pictures li', { has: this.page.getByRole('heading', { name, exact: true }) });
  }
}
