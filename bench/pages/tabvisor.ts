// Our engine without the console: hosts in this tab, with guests on them.
import { startLocalHost } from '../../workers/connect.ts';
import { TabvisorHosts } from '../engines/tabvisor-hosts.ts';

window.bench = new TabvisorHosts(startLocalHost);
