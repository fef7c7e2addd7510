import type { Browser, Locator, Page } from 'playwright-core';
import { until } from '../support/until';

/** The icons of a job's buttons, which have no other name. */
const ICONS = {
  Retry: 'refresh-cw',
  Promote: 'corner-up-left',
  Reschedule: 'clock',
  Duplicate: 'files',
  'Update data': 'pencil',
  Clean: 'trash-2',
} as const;

/** bull-board's page, as who presses its buttons meets it. */
export class BoardPage {
  /** What the page has complained of: errors of scripts, and answers that were none. */
  readonly complaints: string[] = [];

  private constructor(
    private readonly page: Page,
    private readonly url: string,
  ) {}

  static async of(browser: Browser, url: string): Promise<BoardPage> {
    const page = await browser.newPage({ viewport: { width: 1120, height: 640 }, reducedMotion: 'reduce' });
    // The fonts come from elsewhere, and the page does without.
    await page.route(/fonts\.googleapis\.com/, (route) => route.abort());
    const board = new BoardPage(page, url);
    page.on('pageerror', ({ message }) => board.complaints.push(message));
    page.on('response', (answer) => {
      if (answer.status() >= 400) board.complaints.push(`${answer.status()} ${answer.url()}`);
    });
    return board;
  }

  async open(path: string): Promise<void> {
    await this.page.goto(`${this.url}${path}`, { waitUntil: 'load' });
  }

  /** Waits for it. */
  async sees(text: string): Promise<void> {
    await this.page.getByText(text).first().waitFor();
  }

  /** A state's tab on the page of a pipeline, once it shows that number. */
  async tab(state: string, jobs: number): Promise<void> {
    const tab = this.page.locator('a', { hasText: new RegExp(`^${state}${jobs === 0 ? '' : jobs}$`, 'i') });
    await tab.last().click();
  }

  /** One of the buttons for all jobs of the tab. */
  async pressForAll(name: string): Promise<void> {
    await this.page.getByRole('button', { name, exact: true }).click();
    await this.confirm();
  }

  /** An entry of the menu of a pipeline's page, or of the overview. */
  async choose(entry: string): Promise<void> {
    await this.page.locator('button[aria-haspopup=menu]').last().click();
    await this.page.getByRole('menuitem', { name: entry, exact: true }).click();
  }

  async pressForJob(id: string, button: keyof typeof ICONS): Promise<void> {
    const header = this.page.locator(
      `xpath=//a[starts-with(normalize-space(.), "#${id}")]/ancestor::*[.//button][1]`,
    );
    await header.locator('button', { has: this.page.locator(`svg.lucide-${ICONS[button]}`) }).click();
  }

  async pressTitled(title: string): Promise<void> {
    await this.page.getByTitle(title, { exact: true }).click();
  }

  /** A tab inside of a job. */
  async look(tab: string): Promise<void> {
    await this.page
      .locator('button', { hasText: new RegExp(`^${tab}$`) })
      .first()
      .click();
  }

  /** Types JSON into the editors of a dialog, which are empty again when the schema of the data arrives late. */
  async write(...texts: readonly unknown[]): Promise<void> {
    await until('the editors have their texts', async () => {
      let kept = true;
      for (const [place, json] of texts.entries()) {
        const editor = this.dialog.locator('.cm-content').nth(place);
        const text = JSON.stringify(json);
        if ((await editor.innerText()).replace(/\s/g, '') === text) continue;
        kept = false;
        await editor.click();
        await this.page.keyboard.press('ControlOrMeta+a');
        await this.page.keyboard.insertText(text);
      }
      return kept;
    });
  }

  /** A field of a dialog. */
  async fill(label: string, value: string): Promise<void> {
    await this.dialog.locator('input:visible').and(this.page.getByLabel(label)).fill(value);
  }

  get dialog(): Locator {
    // Not a message, which is a dialog that does not wait for an answer.
    return this.page.locator('[role=dialog]:not([aria-modal=false])');
  }

  async pressInDialog(name: string): Promise<void> {
    await this.dialog.getByRole('button', { name, exact: true }).click();
    await this.dialog.waitFor({ state: 'detached' });
  }

  async confirm(): Promise<void> {
    await this.page.getByRole('button', { name: 'Confirm', exact: true }).click();
  }

  async picture(path: string): Promise<void> {
    await this.page.screenshot({ path, animations: 'disabled' });
  }

  async close(): Promise<void> {
    await this.page.close();
  }
}
