// npm start: makes what is missing (guest images, engine, site), serves the site and says where. Without guest images the
// console opens all the same, so their failure is a message.
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createServer, preview } from 'vite';
import { ensureImages } from '../guests/images.ts';
import { GuestBuildError } from '../guests/packages/errors.ts';
import { ensureEngine } from './build-engine.ts';
import { ensureSite } from './site.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** Fixed, because what a browser keeps (disks, settings) belongs to host and port. */
const DEFAULT_PORT = 8086;

const HELP = `npm start -- [options]
  --port N     port to serve on (default ${DEFAULT_PORT}, or the next free one)
  --host NAME  address to listen on (default localhost; other machines need HTTPS in front of it)
  --dev        serve the sources and reload on change, instead of the production build
  --help       this text`;

interface Options {
  host: string;
  port: number;
  /** A port that was asked for is taken or fails; the default gives way to the next free one. */
  strictPort: boolean;
  dev: boolean;
}

/** Undefined if there is nothing to start; then the reason has been printed. */
function readOptions(): Options | undefined {
  try {
    const { values } = parseArgs({
      options: {
        port: { type: 'string' },
        host: { type: 'string', default: 'localhost' },
        dev: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) {
      console.log(HELP);
      return undefined;
    }
    const port = Number(values.port ?? DEFAULT_PORT);
    if (!Number.isInteger(port) || port < 1 || port > 65535)
      throw new Error(`--port ${values.port} is no port number.`);
    return { host: values.host, port, strictPort: values.port !== undefined, dev: values.dev };
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${HELP}`);
    process.exitCode = 2;
    return undefined;
  }
}

async function start({ dev, ...address }: Options): Promise<void> {
  try {
    await ensureImages((line) => console.log(`guests: ${line}`));
  } catch (error) {
    if (!(error instanceof GuestBuildError)) throw error;
    console.error(
      `guests: ${error.message}\nguests: the console opens without guest images; try "npm run guests" later.`,
    );
  }
  await ensureEngine();
  const shared = { root: ROOT, logLevel: 'warn' as const };
  let urls: string[];
  if (dev) {
    const server = await (await createServer({ ...shared, server: address })).listen();
    urls = server.resolvedUrls?.local ?? [];
  } else {
    if (await ensureSite()) console.log('site: built in dist/');
    const server = await preview({ ...shared, preview: address });
    urls = server.resolvedUrls?.local ?? [];
  }
  console.log(`tabvisor: ${urls.join(' ')}  (Ctrl-C ends it)`);
}

const options = readOptions();
if (options !== undefined) {
  try {
    await start(options);
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}
