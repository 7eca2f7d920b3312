// Service worker for static hosts that cannot send headers of their own: adds the two that make the page and its workers
// cross-origin isolated, which SharedArrayBuffer needs. Registered by isolate.js, only where the headers are missing.

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('fetch', (event) => {
  const { request } = event;
  // The one request that fetch() itself refuses: a cache-only one from another origin (developer tools make them).
  if (request.cache === 'only-if-cached' && request.mode !== 'same-origin') return;
  event.respondWith(fetch(request).then(isolated));
});

function isolated(response) {
  // An opaque response of another origin cannot be rebuilt; the page does not need any.
  if (response.status === 0) return response;
  const headers = new Headers(response.headers);
  headers.set('Cross-Origin-Opener-Policy', 'same-origin');
  headers.set('Cross-Origin-Embedder-Policy', 'require-corp');
  headers.set('Cross-Origin-Resource-Policy', 'same-origin');
  // A response with one of these statuses must have no body, not even an empty one.
  const body = [101, 204, 205, 304].includes(response.status) ? null : response.body;
  return new Response(body, { status: response.status, statusText: response.statusText, headers });
}
