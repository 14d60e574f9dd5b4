/**
 * How to set an app up: what to install, and the lines that make it report its errors.
 *
 * Comes in: an app's DSN, the address of our own API and a key. Goes out: texts to copy. A key is no secret.
 */

export interface Wiring {
  dsn: string
  ingestUrl: string
  key: string
}

export interface Snippet {
  id: string
  label: string
  /** What to run before, where something is to be installed. */
  install: string | null
  /** Where the code goes. */
  place: string
  code: string
}

/** All snippets, the one for the platform first. */
export function snippetsFor(platform: string, wiring: Wiring): Snippet[] {
  const first = suited(platform)
  return makers.map((make) => make(wiring)).sort((one, other) => Number(other.id === first) - Number(one.id === first))
}

const SUITED: readonly [RegExp, string][] = [
  [/odoo|django|flask|python|celery/, 'python'],
  [/node|express|next|nest|bun|deno/, 'node'],
  [/javascript|browser|react|vue|svelte|angular|web/, 'browser'],
  [/ios|swift|cocoa|apple|macos/, 'apple'],
  [/android|kotlin/, 'android'],
  [/php|laravel|symfony/, 'php'],
]

function suited(platform: string): string {
  const words = platform.toLowerCase()
  return SUITED.find(([pattern]) => pattern.test(words.replace('javascript', 'browser')))?.[1] ?? 'curl'
}

const makers: readonly ((wiring: Wiring) => Snippet)[] = [
  ({ dsn }) => ({
    id: 'python',
    label: 'Python',
    install: 'pip install sentry-sdk',
    place: 'Where your program starts, before all else',
    code: [
      'import sentry_sdk',
      '',
      'sentry_sdk.init(',
      `    dsn="${dsn}",`,
      '    release="shop@1.4.0",  # what runs: errors resolved in it come back with a newer one only',
      '    environment="production",',
      ')',
    ].join('\n'),
  }),
  ({ dsn }) => ({
    id: 'node',
    label: 'Node',
    install: 'npm install @sentry/node',
    place: 'instrument.mjs, loaded first: node --import ./instrument.mjs app.mjs',
    code: javascript('@sentry/node', dsn),
  }),
  ({ dsn }) => ({
    id: 'browser',
    label: 'Browser',
    install: 'npm install @sentry/browser',
    place: "The first lines of your page's own script",
    code: javascript('@sentry/browser', dsn),
  }),
  ({ dsn }) => ({
    id: 'apple',
    label: 'iOS, macOS',
    install: 'https://github.com/getsentry/sentry-cocoa',
    place: 'When your app starts; the address above is its Swift package',
    code: ['import Sentry', '', 'SentrySDK.start { options in', `    options.dsn = "${dsn}"`, '}'].join('\n'),
  }),
  ({ dsn }) => ({
    id: 'android',
    label: 'Android',
    install: 'implementation("io.sentry:sentry-android:8.+")',
    place: 'AndroidManifest.xml, in <application>; the line above belongs to build.gradle.kts',
    code: `<meta-data android:name="io.sentry.dsn"\n           android:value="${dsn}" />`,
  }),
  ({ dsn }) => ({
    id: 'php',
    label: 'PHP',
    install: 'composer require sentry/sentry',
    place: 'Where your program starts',
    code: `\\Sentry\\init(['dsn' => '${dsn}', 'environment' => 'production']);`,
  }),
  ({ ingestUrl, key }) => ({
    id: 'curl',
    label: 'curl',
    install: null,
    place: 'Our own API: from a shell, or from any language that can send HTTP',
    code: [
      `curl ${ingestUrl} \\`,
      `  -H "Authorization: Bearer ${key}" \\`,
      '  -H "Content-Type: application/json" \\',
      `  -d '{"events": [{`,
      '    "level": "error", "message": "Payment 4711 was refused", "source_module": "checkout",',
      `    "user_id": "ann", "app_version": "1.4.0", "environment": "production"}]}'`,
    ].join('\n'),
  }),
  ({ ingestUrl, key }) => ({
    id: 'http',
    label: 'Python, no SDK',
    install: 'pip install httpx',
    place: 'Our own API, for what you want to report yourself',
    code: [
      'import httpx',
      '',
      'httpx.post(',
      `    "${ingestUrl}",`,
      `    headers={"Authorization": "Bearer ${key}"},`,
      '    json={"events": [{"level": "error", "message": "Payment 4711 was refused"}]},',
      ').raise_for_status()',
    ].join('\n'),
  }),
]

function javascript(module: string, dsn: string): string {
  return [
    `import * as Sentry from "${module}";`,
    '',
    'Sentry.init({',
    `  dsn: "${dsn}",`,
    '  release: "shop@1.4.0",',
    '  environment: "production",',
    '});',
  ].join('\n')
}
