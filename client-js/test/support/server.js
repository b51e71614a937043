// The real server, in a process of its own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const JAR = fileURLToPath(new URL('../../../cli/target/halley/halley.jar', import.meta.url));
const { JAVA_HOME } = process.env;

/** Starts `halley serve`; flags are pairs of a name and a value. */
export async function startServer(flags = {}) {
  if (!existsSync(JAR)) {
    throw new Error(`${JAR} is missing: mvn -B package -DskipTests -pl cli -am`);
  }
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('HALLEY_')));
  const settings = Object.entries({ port: 0, ...flags }).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = spawn(JAVA_HOME ? `${JAVA_HOME}/bin/java` : 'java', ['-jar', JAR, 'serve', ...settings], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  process.once('exit', () => child.kill('SIGKILL'));
  let complaints = '';
  child.stderr.on('data', (text) => (complaints += text));
  const lines = createInterface({ input: child.stdout });
  const [line] = await Promise.race([
    once(lines, 'line'),
    once(child, 'exit').then(() =>
      Promise.reject(new Error(`The server ended (is JAVA_HOME a JDK of 21 or later?) ${complaints}`)),
    ),
  ]);
  const url = /listening on (http:\S+)/.exec(line)[1];
  return {
    url,
    port: Number(new URL(url).port),
    /** Publishes many at once, past every proxy; returns their positions. */
    async publish(entries, headers = {}) {
      const response = await fetch(`${url}/publish`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...headers },
        body: JSON.stringify(entries),
      });
      if (response.status !== 201) {
        throw new Error(`${response.status} ${await response.text()}`);
      }
      return (await response.json()).map(({ position }) => position);
    },
    /** All that is kept of a channel. */
    async history(channel, headers = {}) {
      const all = [];
      for (let since = 'earliest'; ;) {
        const response = await fetch(`${url}/channels/${channel}?since=${since}`, { headers });
        const { publications, position } = await response.json();
        if (!publications.length) {
          return all;
        }
        all.push(...publications);
        since = position;
      }
    },
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
    },
  };
}
