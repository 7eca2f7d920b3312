// What keeps a page from those who use it by screen reader, keyboard or with weak eyes, as far as a program sees it: controls without a name,
// references to nothing, text with too little contrast (WCAG 2.1: 4.1.2, 1.3.1, 1.4.3).
import type { Page } from '@playwright/test';

const NAMED_ROLES =
  'application|button|checkbox|combobox|dialog|group|img|link|menuitem|option|radio|region|searchbox|spinbutton|tab|textbox|toolbar';
/** Of an aria snapshot: a role that is followed by no name. */
const UNNAMED = new RegExp(`^\\s*- (?:${NAMED_ROLES})(?: \\[[^\\]]*\\])*:?$`);

/** Each as a line. */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  const snapshot = await page.locator('body').ariaSnapshot();
  const unnamed = snapshot.split('\n').filter((line) => UNNAMED.test(line));
  const seen = await page.evaluate(problemsInDocument);
  return [...unnamed.map((line) => `without a name: ${line.trim()}`), ...seen];
}

/** Runs in the page. */
function problemsInDocument(): string[] {
  type Color = [red: number, green: number, blue: number, alpha: number];
  const problems: string[] = [];
  const ids = new Map<string, number>();
  for (const { id } of document.querySelectorAll('[id]')) ids.set(id, (ids.get(id) ?? 0) + 1);
  for (const [id, count] of ids) if (count > 1) problems.push(`${count} elements have the id ${id}`);
  for (const attribute of ['aria-labelledby', 'aria-describedby'])
    for (const element of document.querySelectorAll(`[${attribute}]`))
      for (const id of (element.getAttribute(attribute) ?? '').split(/\s+/).filter(Boolean))
        if (!ids.has(id)) problems.push(`${attribute} of ${element.tagName} names ${id}, which is not there`);

  const pen = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  if (!pen) throw new Error('There is no canvas.');
  const colorOf = (text: string): Color => {
    pen.clearRect(0, 0, 1, 1);
    pen.fillStyle = text;
    pen.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = pen.getImageData(0, 0, 1, 1).data;
    return [red, green, blue, alpha / 255];
  };
  const over = (top: Color, bottom: Color): Color => {
    const mix = (n: 0 | 1 | 2) => top[n] * top[3] + bottom[n] * (1 - top[3]);
    return [mix(0), mix(1), mix(2), 1];
  };
  /** Undefined over a picture. */
  const groundOf = (element: Element): Color | undefined => {
    const layers: Color[] = [];
    for (let at: Element | null = element; at; at = at.parentElement) {
      const { backgroundColor, backgroundImage } = getComputedStyle(at);
      if (backgroundImage !== 'none') return undefined;
      layers.push(colorOf(backgroundColor));
      if (layers.at(-1)?.[3] === 1) break;
    }
    return layers.reduceRight(
      (ground, layer) => over(layer, ground),
      colorOf(getComputedStyle(document.body).backgroundColor),
    );
  };
  const luminance = (color: Color) => {
    const [red, green, blue] = color.slice(0, 3).map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };

  const modal = document.querySelector('dialog:modal');
  for (const element of (modal ?? document.body).querySelectorAll('*')) {
    const text = [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE);
    const words = text
      .map((node) => node.textContent ?? '')
      .join('')
      .trim();
    if (words === '' || !element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    // What cannot be used need not be read; the guest's text lies over the picture that has it.
    if (element.closest(':disabled, [aria-disabled="true"], .pf-m-disabled, [role="application"] pre, .xterm'))
      continue;
    const ground = groundOf(element);
    if (!ground) continue;
    const style = getComputedStyle(element);
    const [light, dark] = [luminance(over(colorOf(style.color), ground)), luminance(ground)].sort((a, b) => b - a);
    const contrast = (light + 0.05) / (dark + 0.05);
    const size = Number.parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (contrast < (isLarge ? 3 : 4.5)) problems.push(`contrast ${contrast.toFixed(1)}: “${words.slice(0, 60)}”`);
  }
  return problems;
}
