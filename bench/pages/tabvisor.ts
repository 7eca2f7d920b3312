// Our engine without the console: hosts in this tab, with guests on them, and the screen of the first of these.
import { startLocalHost } from '../../workers/connect.ts';
import { TabvisorHosts } from '../engines/tabvisor-hosts.ts';
import { countedCanvas } from './frame-counter.ts';
import { viewScreen } from './screen-view.ts';

const hosts = new TabvisorHosts(startLocalHost);
const counted = countedCanvas();
let hide: (() => void) | undefined;

window.bench = {
  start: (guests) => hosts.start(guests),
  waitFor: (guest, pattern, timeoutMs) => hosts.waitFor(guest, pattern, timeoutMs),
  send: (guest, text) => hosts.send(guest, text),
  figures: () => hosts.figures(),
  async showScreen(shown) {
    hide?.();
    hide = shown ? viewScreen(hosts.firstScreen, counted.canvas) : undefined;
  },
  shownFrames: async () => counted.frames(),
};
