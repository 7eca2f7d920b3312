// A VM's serial console as a person uses it: typing into the terminal, and reading all that it holds by way of the button
// "Copy all output".
import { expect, type Page } from '@playwright/test';
import type { Datacenter } from './datacenter.ts';

const PROMPT = /root@[\w-]+:~#$/;
/** The guest needs about ten seconds; three that boot at once share two cores. */
const BOOT_LIMIT_MS = 90_000;

export class GuestConsole {
  readonly vm: string;
  readonly #datacenter: Datacenter;

  private constructor(datacenter: Datacenter, vm: string) {
    this.#datacenter = datacenter;
    this.vm = vm;
  }

  /** Opens it from the VM's card. */
  static async open(datacenter: Datacenter, vm: string): Promise<GuestConsole> {
    await datacenter.show('Datacenter');
    await datacenter.act(vm, 'Open console');
    return new GuestConsole(datacenter, vm);
  }

  get #page(): Page {
    return this.#datacenter.page;
  }

  /** All that it has printed, scrollback included, without trailing blanks. Leaves the VM's tab in front. */
  async text(): Promise<string> {
    await this.#datacenter.show(this.vm);
    await this.#page.getByRole('button', { name: 'Copy all output' }).click();
    await expect(this.#page.getByRole('status').getByText('Copied')).toBeVisible();
    return this.#page.evaluate(() => navigator.clipboard.readText());
  }

  async type(text: string): Promise<void> {
    await this.#datacenter.show(this.vm);
    await this.#page.locator('.xterm-screen').click();
    await this.#page.keyboard.type(text);
  }

  async press(key: string): Promise<void> {
    await this.type('');
    await this.#page.keyboard.press(key);
  }

  /** Waits until the shell waits for a command. */
  async prompt(timeout = BOOT_LIMIT_MS): Promise<void> {
    await expect.poll(() => this.text(), { timeout, intervals: [500] }).toMatch(PROMPT);
  }

  /** Waits for text that comes after the first `skip` characters. */
  async awaitText(text: string | RegExp, skip = 0, timeout = 30_000): Promise<void> {
    const pattern = typeof text === 'string' ? expect.stringContaining(text) : expect.stringMatching(text);
    await expect.poll(async () => (await this.text()).slice(skip), { timeout, intervals: [200] }).toEqual(pattern);
  }

  /** Runs one command at the prompt. @returns what it printed */
  async run(command: string, timeout = 60_000): Promise<string> {
    const before = (await this.text()).length;
    await this.type(`${command}\n`);
    let output = '';
    const finished = async () => {
      output = (await this.text()).slice(before);
      return output;
    };
    await expect.poll(finished, { timeout, intervals: [200] }).toMatch(new RegExp(`\n.*${PROMPT.source}`));
    return output.split('\n').slice(1, -1).join('\n');
  }
}
