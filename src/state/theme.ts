// PatternFly takes its dark theme from a class on the root element.
import { useConsole } from './store.ts';

/** Keeps the root element's class in step with the preference. */
export function followTheme(): void {
  const apply = () => {
    const { theme } = useConsole.getState().preferences;
    document.documentElement.classList.toggle('pf-v6-theme-dark', theme === 'dark');
  };
  apply();
  useConsole.subscribe(apply);
}
