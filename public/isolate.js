// Runs before the console. Served with COOP/COEP headers, the page is cross-origin isolated and there is nothing to do. On
// a static host without them, register the service worker that adds them and load the page again, through it. If that does
// not help either, the console says what is missing.
(() => {
  const RELOADED = 'tabvisor.isolation-reload';
  if (window.crossOriginIsolated) {
    sessionStorage.removeItem(RELOADED);
    return;
  }
  // Service workers exist on https: and localhost only. One reload, not a loop of them.
  if (!navigator.serviceWorker || sessionStorage.getItem(RELOADED)) return;
  sessionStorage.setItem(RELOADED, 'yes');
  const worker = new URL('coop-coep-sw.js', document.currentScript.src);
  navigator.serviceWorker
    .register(worker)
    .then(() => navigator.serviceWorker.ready)
    .then(() => window.location.reload())
    .catch((error) => console.error('The service worker for cross-origin isolation could not start:', error));
})();
