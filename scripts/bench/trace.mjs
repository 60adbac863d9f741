/** Tasks of a page's main thread, by the clock and by the processor: on a busy machine the first holds other programs' time as well. */
import { Failure } from '../setup.mjs';

const mark = 'bench';

/** Starts a trace of the browser; `endTrace` tells of this page's tasks from now on. */
export async function startTrace(browser, page) {
  await browser.startTracing(page, { categories: ['toplevel', 'blink.user_timing'] });
  await page.evaluate((name) => performance.mark(name), mark);
}

/** Ends the trace; resolves to what `tasksOf` says of it. */
export const endTrace = async (browser) => tasksOf(JSON.parse((await browser.stopTracing()).toString()));

/**
 * `{ taskMs, taskProcessorMs, tasksOver50, tasksOver50Processor }` of the thread that set the mark: its longest task by either measure, and
 * how many take more than 50 ms. Throws a `Failure` if the trace lacks it.
 */
export function tasksOf({ traceEvents }) {
  const page = traceEvents.find(({ name }) => name === mark);
  if (!page) throw new Failure('the trace of the browser lacks the page');
  const tasks = traceEvents.filter(({ name, ph, pid, tid }) => ph === 'X' && pid === page.pid && tid === page.tid && /RunTask$/.test(name));
  const [wall, processor] = ['dur', 'tdur'].map((kind) => tasks.map((task) => (task[kind] ?? 0) / 1000));
  const over = (all) => all.filter((each) => each > 50).length;
  return {
    taskMs: Math.max(0, ...wall),
    taskProcessorMs: Math.max(0, ...processor),
    tasksOver50: over(wall),
    tasksOver50Processor: over(processor),
  };
}
