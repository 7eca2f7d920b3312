// The page's entry: the console, or with `?host` a tab that is only a host.
import '@patternfly/react-core/dist/styles/base.css';
import './styles/tokens.css';
import './styles/parts.css';
import { createRoot } from 'react-dom/client';
import { HostPage } from './host-page/HostPage.tsx';
import { loadBackend } from './session/backend.ts';
import { startHostPage, startSession } from './session/session.ts';
import { App } from './shell/App.tsx';
import { EnvironmentProblem } from './shell/EnvironmentProblem.tsx';
import { followTheme } from './state/theme.ts';

const root = createRoot(document.getElementById('root') as HTMLElement);
const query = new URLSearchParams(location.search);

async function start(): Promise<void> {
  followTheme();
  const backend = await loadBackend(query);
  const problem = backend.checkEnvironment();
  if (problem) {
    root.render(<EnvironmentProblem problem={problem} />);
  } else if (query.has('host')) {
    root.render(<HostPage />);
    const failure = await startHostPage(backend, query);
    if (failure) root.render(<HostPage failure={failure} />);
  } else {
    root.render(<App />);
    await startSession(backend);
  }
}

void start();
