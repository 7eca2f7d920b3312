// A VM's serial console as the user uses it: typing into the terminal, looking at its screen, and reading all that it holds by
// way of the button "Copy all output".
import { expect, type Page } from '@playwright/test';
import type { Datacenter } from './datacenter.ts';

const PROMPT = /root@[\w-]+:~#$/;
const GREETING = /Enter 'help' for a list of built-in commands\./g;
/** The guest needs about ten seconds; three that boot at once share two cores. */
const BOOT_LIMIT_MS = 90_000;
/** How often the page looks at the terminal's screen, in ms: that costs nothing, unlike reading all that it holds. */
const LOOK_MS = 50;
/** After how many ms it reads all the same: what the kernel prints behind a prompt hides it from a look at the last line. */
const LOOK_LIMIT_MS = 5000;

export class GuestConsole {
  readonly vm: string;
  readonly #datacenter: Datacenter;
  #boots = 0;
  /** The pointer shows once that a click gives the terminal the focus. */
  #clicked = false;

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

  /** The console of a VM whose tab is open already. */
  static shown(datacenter: Datacenter, vm: string): GuestConsole {
    return new GuestConsole(datacenter, vm);
  }

  get #page(): Page {
    return this.#datacenter.page;
  }

  /** All that it has printed, scrollback included, without trailing blanks. Leaves the VM's tab in front. */
  async text(): Promise<string> {
    await this.#datacenter.show(this.vm);
    // By keyboard: it is done hundreds of times, and a pointer waits until the page stands still.
    await this.#page.getByRole('button', { name: 'Copy all output' }).press('Enter');
    await expect(this.#page.getByRole('status').getByText('Copied')).toBeVisible();
    return this.#page.evaluate(() => navigator.clipboard.readText());
  }

  async type(text: string): Promise<void> {
    await this.#datacenter.show(this.vm);
    if (this.#clicked) await this.#page.locator('.xterm-helper-textarea').focus();
    else await this.#page.locator('.xterm-screen').click();
    this.#clicked = true;
    await this.#page.keyboard.type(text);
  }

  async press(key: string): Promise<void> {
    await this.type('');
    await this.#page.keyboard.press(key);
  }

  /** Waits until the guest has booted (once more) to its prompt, and keeps the kernel's messages out of what follows. */
  async booted(): Promise<void> {
    this.#boots += 1;
    const greetings = async () => {
      await this.#atPrompt();
      return [...(await this.text()).matchAll(GREETING)].length;
    };
    await expect.poll(greetings, { timeout: BOOT_LIMIT_MS, intervals: [500] }).toBe(this.#boots);
    await this.type('dmesg -n 1\n');
    await this.prompt();
  }

  /** Waits until the shell waits for a command. */
  async prompt(timeout = 30_000): Promise<void> {
    const text = async () => {
      await this.#atPrompt(Math.min(timeout, LOOK_LIMIT_MS));
      return await this.text();
    };
    await expect.poll(text, { timeout, intervals: [100] }).toMatch(PROMPT);
  }

  /** Waits for text that comes after the first `skip` characters. */
  async awaitText(text: string, skip = 0, timeout = 30_000): Promise<void> {
    const printed = async () => (await this.text()).slice(skip);
    await expect.poll(printed, { timeout, intervals: [200] }).toContain(text);
  }

  /** Types a word into a guest that echoes and waits until it has come back. */
  async echoes(word: string): Promise<void> {
    const before = (await this.text()).length;
    await this.type(word);
    await this.awaitText(word, before);
  }

  /** Runs one command at the prompt. @returns what it printed */
  async run(command: string, timeout = 60_000): Promise<string> {
    const before = (await this.text()).length;
    await this.type(`${command}\n`);
    let output = '';
    const finished = async () => {
      await this.#atPrompt();
      output = (await this.text()).slice(before);
      return output;
    };
    await expect.poll(finished, { timeout, intervals: [100] }).toMatch(new RegExp(`\n.*${PROMPT.source}`));
    return output.split('\n').slice(1, -1).join('\n');
  }

  /** Waits until the last line on the screen is a prompt, or for `limitMs`. It may be one from before. */
  async #atPrompt(limitMs = LOOK_LIMIT_MS): Promise<void> {
    await this.#datacenter.show(this.vm);
    const isAtPrompt = (prompt: string) => {
      const rows = [...document.querySelectorAll('.xterm-rows > div')].map((row) => row.textContent?.trimEnd() ?? '');
      const last = rows.findLast((row) => row !== '');
      return last !== undefined && new RegExp(prompt).test(last);
    };
    await this.#page
      .waitForFunction(isAtPrompt, PROMPT.source, { timeout: limitMs, polling: LOOK_MS })
      .catch(() => undefined);
  }
}
